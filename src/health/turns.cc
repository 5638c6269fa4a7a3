// SPDX-License-Identifier: Apache-2.0
#include "health/turns.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace amb {

namespace asio = boost::asio;

asio::awaitable<void> Turns::take() {
  if (free_ > 0) {
    --free_;
    co_return;
  }
  const auto waiting = std::make_shared<asio::steady_timer>(io_, asio::steady_timer::time_point::max());
  waiting_.push_back(waiting);
  (void)co_await waiting->async_wait(asio::as_tuple(asio::use_awaitable));
}

void Turns::give_back() {
  if (waiting_.empty()) {
    ++free_;
    return;
  }
  waiting_.front()->cancel();
  waiting_.pop_front();
}

}  // namespace amb

// SPDX-License-Identifier: Apache-2.0
#include "admin/http_hub.h"

#include <algorithm>
#include <utility>

#include "admin/http_connection.h"
#include "base/await.h"

namespace amb {

namespace asio = boost::asio;

HttpShare::HttpShare(const asio::any_io_executor& executor)
    : changed(executor, asio::steady_timer::time_point::max()) {}

asio::awaitable<bool> HttpShare::wait_while(bool (HttpShare::*is_full)() const,
                                            std::shared_ptr<HttpConnection> who) {
  bool has_waited = false;
  while (who->is_open() && (this->*is_full)()) {
    (void)co_await changed.async_wait(kAwait);
    has_waited = true;
  }
  if (has_waited) tell_one();  // there may be room for one more, or this one has no use for it
  co_return who->is_open();
}

HttpHeld::HttpHeld(HttpShare& share, Account account, std::size_t count) : share_(share), account_(account) {
  set(count);
}

HttpHeld::HttpHeld(HttpHeld&& other) noexcept
    : share_(other.share_), account_(other.account_), count_(std::exchange(other.count_, 0)) {}

void HttpHeld::set(std::size_t count) {
  const bool is_less = count < count_;
  auto& held = (share_.*account_).held;
  held = held - std::exchange(count_, count) + count;
  if (is_less) share_.tell_one();
}

HttpHub::HttpHub(const asio::any_io_executor& executor, std::shared_ptr<HttpHandler> its_handler,
                 const HttpLimits& its_limits)
    : handler(std::move(its_handler)),
      limits(its_limits),
      shares{HttpShare(executor), HttpShare(executor), HttpShare(executor)} {
  const std::size_t total = limits.connections;
  const std::size_t owners = std::max<std::size_t>(1, total / 4);
  const std::size_t known = std::max<std::size_t>(1, total * 3 / 8);
  share(HttpClass::owner).most_connections = owners;
  share(HttpClass::known).most_connections = known;
  share(HttpClass::stranger).most_connections = total > owners + known ? total - owners - known : 1;
  for (HttpShare& one : shares) {
    one.streams.most = std::min((limits.streams + 1) / 2, (one.most_connections + 1) / 2);
    one.questions.most = limits.questions;
    one.bodies.most = limits.body_bytes;
    one.answers.most = limits.answer_bytes;
  }
}

std::size_t HttpHub::connections() const {
  std::size_t count = 0;
  for (const HttpShare& one : shares) count += one.connections.size();
  return count;
}

bool HttpHub::make_room(HttpClass in) {
  auto& all = share(in).connections;
  if (all.size() < share(in).most_connections) return true;
  auto leaving = std::ranges::find_if(all, [](const auto& one) { return one->is_waiting(); });
  if (leaving == all.end() && in == HttpClass::stranger) leaving = all.begin();
  if (leaving == all.end()) return false;
  const auto connection = *leaving;  // it takes itself off the list
  connection->close();
  return true;
}

}  // namespace amb

// SPDX-License-Identifier: Apache-2.0
//
// Asks every worker and waits for all answers. On the control thread, to which the workers' answers are
// posted.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace amb {

/// What all workers have to say; the last one to answer wakes whoever waits.
template <class Answer>
struct Gathering {
  Gathering(boost::asio::io_context& io, std::size_t workers) : missing(workers), done(io) {
    answers.resize(workers);
    done.expires_at(std::chrono::steady_clock::time_point::max());
  }

  void take(std::size_t worker, Answer answer) {
    answers[worker] = std::move(answer);
    if (--missing == 0) done.cancel();
  }

  std::vector<Answer> answers;
  std::size_t missing;
  boost::asio::steady_timer done;
};

template <class Answer>
boost::asio::awaitable<void> wait_for(std::shared_ptr<Gathering<Answer>> gathering) {
  if (gathering->missing == 0) co_return;
  (void)co_await gathering->done.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
}

}  // namespace amb

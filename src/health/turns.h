// SPDX-License-Identifier: Apache-2.0
//
// So many at once and no more; the others wait, first come first served. On one thread.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <deque>
#include <memory>

namespace amb {

class Turns {
 public:
  Turns(boost::asio::io_context& io, std::size_t most) : io_(io), free_(most) {}

  /// Done when it is the caller's turn, who must give it back.
  boost::asio::awaitable<void> take();
  void give_back();

 private:
  boost::asio::io_context& io_;
  std::size_t free_;
  /// One for each that waits, never expiring: to cancel it is to let it go on, with the turn given back.
  std::deque<std::shared_ptr<boost::asio::steady_timer>> waiting_;
};

}  // namespace amb

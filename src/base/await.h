// SPDX-License-Identifier: Apache-2.0
//
// How the control thread's coroutines wait, and what becomes of those that nobody waits for. Only for rooms
// that use Boost.Asio.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <utility>

namespace amb {

/// An operation's error is given back, not thrown.
inline constexpr auto kAwait = boost::asio::as_tuple(boost::asio::use_awaitable);

/// For co_spawn: what a coroutine threw goes to who runs the loop.
inline void pass_on(std::exception_ptr failure) {
  if (failure) std::rethrow_exception(std::move(failure));
}

}  // namespace amb

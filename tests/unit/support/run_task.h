// SPDX-License-Identifier: Apache-2.0
//
// What a coroutine gives back, for tests that wait for it.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <optional>
#include <utility>

#include "base/await.h"
#include "unit/support/eventually.h"

namespace amb::test {

/// Runs `io` until `task` has ended.
template <class T>
T run_task(boost::asio::io_context& io, boost::asio::awaitable<T> task) {
  std::optional<T> result;
  boost::asio::co_spawn(
      io,
      [&result, task = std::move(task)]() mutable -> boost::asio::awaitable<void> {
        result.emplace(co_await std::move(task));
      },
      pass_on);
  io.restart();
  while (!result && io.run_one_for(kDeadline) > 0) {
  }
  EXPECT_TRUE(result) << "the coroutine did not end";
  return std::move(result.value());
}

}  // namespace amb::test

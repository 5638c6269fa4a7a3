// SPDX-License-Identifier: Apache-2.0
//
// What a reader of answers makes of a text, after which the server ends.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "unit/health/scripted_server.h"

namespace amb::test {

template <class Value>
struct Read {
  std::optional<Value> value;
  std::string failure;
};

/// With `is_cut` the text comes byte by byte.
template <class Value>
Read<Value> read_by(boost::asio::awaitable<std::optional<Value>> (*reader)(Conversation&),
                    const std::string& text, bool is_cut) {
  boost::asio::io_context io;
  const ScriptedServer server(
      io, [&](Line& line) -> boost::asio::awaitable<void> { co_await line.say(text, is_cut); });
  std::optional<Read<Value>> result;
  const auto play = [&]() -> boost::asio::awaitable<void> {
    const auto talk = std::make_shared<Conversation>(io, kDeadline);
    EXPECT_FALSE(co_await talk->connect(server.address()));
    Read<Value> got;
    got.value = co_await reader(*talk);
    if (!got.value) got.failure = talk->failure().why;
    result = std::move(got);
  };
  boost::asio::co_spawn(io, play, boost::asio::detached);
  run_until(io, [&] { return result.has_value(); });
  return result.value_or(Read<Value>{});
}

}  // namespace amb::test

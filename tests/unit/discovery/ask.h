// SPDX-License-Identifier: Apache-2.0
//
// One question to the resolver and its answer, in words that compare.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <string>
#include <utility>
#include <vector>

#include "discovery/name_lookup.h"

namespace amb::test {

inline NameAnswer ask(const std::string& name) {
  boost::asio::io_context io;
  int answers = 0;
  NameAnswer result;
  look_up_name(io, name, [&](NameAnswer answer) {
    ++answers;
    result = std::move(answer);
  });
  EXPECT_EQ(answers, 0) << "answered before anybody could wait for it";
  io.run();
  EXPECT_EQ(answers, 1);
  return result;
}

/// The hosts, sorted: which comes first depends on the machine's own addresses (RFC 6724).
inline std::vector<std::string> hosts(const NameAnswer& answer) {
  std::vector<std::string> hosts;
  for (const SocketAddress& address : answer.addresses) hosts.push_back(address.host());
  std::ranges::sort(hosts);
  return hosts;
}

}  // namespace amb::test

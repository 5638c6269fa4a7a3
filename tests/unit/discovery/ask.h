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
#include "discovery/service_lookup.h"

namespace amb::test {

/// look_up(io, on_answer) asks; everything runs until nothing is left to wait for.
template <class Record, class LookUp>
Answer<Record> answer_of(LookUp look_up) {
  boost::asio::io_context io;
  int answers = 0;
  Answer<Record> result;
  look_up(io, [&](Answer<Record> answer) {
    ++answers;
    result = std::move(answer);
  });
  EXPECT_EQ(answers, 0) << "answered before anybody could wait for it";
  io.run();
  EXPECT_EQ(answers, 1);
  return result;
}

inline NameAnswer ask(NameQuestion question) {
  return answer_of<SocketAddress>([&](boost::asio::io_context& io, auto on_answer) {
    static NameFiles files;
    look_up_name(io, files, std::move(question), std::move(on_answer));
  });
}
inline NameAnswer ask(const std::string& name) { return ask(NameQuestion{.name = name}); }

inline ServiceAnswer ask_service(const std::string& name) {
  return answer_of<ServiceRecord>([&](boost::asio::io_context& io, auto on_answer) {
    static NameFiles files;
    look_up_service(io, files, name, std::move(on_answer));
  });
}

/// The hosts, sorted: which comes first depends on the machine's own addresses (RFC 6724).
inline std::vector<std::string> hosts(const NameAnswer& answer) {
  std::vector<std::string> hosts;
  for (const SocketAddress& address : answer.records) hosts.push_back(address.host());
  std::ranges::sort(hosts);
  return hosts;
}

/// "0 5 a.test:80, 1 0 b.test:81": priority, weight and where.
inline std::string servers(const std::vector<ServiceRecord>& records) {
  std::string text;
  for (const ServiceRecord& record : records) {
    text += (text.empty() ? "" : ", ") + std::to_string(record.priority) + " " +
            std::to_string(record.weight) + " " + record.host + ":" + std::to_string(record.port);
  }
  return text;
}

}  // namespace amb::test

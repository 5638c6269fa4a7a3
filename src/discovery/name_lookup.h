// SPDX-License-Identifier: Apache-2.0
//
// One question to the resolver: which addresses has this name now? Asked through c-ares, so the hosts file is
// read first and then the servers of resolv.conf are asked for A and AAAA.
#pragma once

#include <boost/asio/io_context.hpp>
#include <string>
#include <vector>

#include "discovery/answer.h"
#include "discovery/resolver_channel.h"
#include "net/address.h"

namespace amb {

/// Its addresses have port 0 and come best first (RFC 6724).
using NameAnswer = Answer<SocketAddress>;

struct NameQuestion {
  std::string name;
  SearchList search_list = SearchList::used;
  /// The last good answer. A family in it about which no server says anything now stays in the next answer: a
  /// failure is not an empty answer, not even half of one.
  std::vector<SocketAddress> known;
};

/// Answers within a few seconds. The question dies with the io_context.
void look_up_name(boost::asio::io_context& io, NameQuestion question, OnAnswer<SocketAddress> on_answer);

}  // namespace amb

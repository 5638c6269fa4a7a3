// SPDX-License-Identifier: Apache-2.0
//
// One question to the resolver: which addresses has this name now? Asked through c-ares, so the hosts file is
// read first and then the servers of resolv.conf are asked for A and AAAA. Nothing blocks.
//
// Every lookup has a c-ares channel of its own: that is what makes it see today's hosts file, resolv.conf and
// search list, and it costs one socket a minute.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "net/address.h"

namespace amb {

struct NameAnswer {
  enum class Kind {
    found,   ///< `addresses` holds at least one.
    none,    ///< The name does not exist, or has no address: an answer, not a failure.
    failed,  ///< No server answered, or it answered with a failure. Says nothing about the name.
  };
  Kind kind = Kind::failed;
  std::vector<SocketAddress> addresses;  ///< Port 0, best first (RFC 6724).
  std::chrono::seconds ttl{0};           ///< The shortest of the records; 0 from the hosts file.
  std::string error;                     ///< For people, when not found.
};

/// Calls `on_answer` exactly once, from the io_context, within a few seconds. The lookup dies with it.
void look_up_name(boost::asio::io_context& io, const std::string& name,
                  std::move_only_function<void(NameAnswer)> on_answer);

}  // namespace amb

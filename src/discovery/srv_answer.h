// SPDX-License-Identifier: Apache-2.0
//
// The bytes of a name server's answer to a question for SRV records (RFC 2782), read for what they say. Pure,
// and careful: they come from the network. c-ares has such a reader too, but it keeps no time to live.
#pragma once

#include <compare>
#include <cstdint>
#include <span>
#include <string>

#include "discovery/answer.h"

namespace amb {

/// One server of a service. In the order of members: lower is tried earlier.
struct ServiceRecord {
  std::uint16_t priority = 0;
  std::uint16_t weight = 0;  ///< Share among those of its priority; heavier ones come first.
  std::string host;          ///< A name, lower case, as written in full; rarely an address.
  std::uint16_t port = 0;    ///< Never 0.

  bool operator==(const ServiceRecord&) const = default;
};

bool comes_before(const ServiceRecord& a, const ServiceRecord& b);

/// Sorted, so that a server's round robin makes no difference, and cut to kMostServers.
using ServiceAnswer = Answer<ServiceRecord>;

/// Each has its addresses looked up again and again.
inline constexpr std::size_t kMostServers = 64;

/// `message` is a whole DNS message that says "no error"; whether it fits the question is c-ares's to judge.
/// Broken bytes are a failure, an answer without a server that can be dialled is none.
ServiceAnswer parse_srv_answer(std::span<const unsigned char> message);

}  // namespace amb

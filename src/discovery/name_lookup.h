// SPDX-License-Identifier: Apache-2.0
//
// One question to the resolver: which addresses has this name now? The hosts file is read first, and what it
// says is all. Then name servers are asked for A and AAAA of each name that the search list makes of it,
// until one of them has an address:
//
//   - each name and each family is judged alone: a failure of one says nothing about the others
//   - a family that does not answer is not waited for once the other has (RFC 8305, section 3)
//   - nor is a name about which nobody says anything: the next one is asked for meanwhile
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <string>
#include <vector>

#include "discovery/answer.h"
#include "discovery/name_files.h"
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

/// So long the second family is waited for once the first has an address.
inline constexpr std::chrono::milliseconds kResolutionDelay{50};
/// So long a name of the search list may keep silent before the next one is asked for.
inline constexpr std::chrono::milliseconds kSilence{400};

/// Answers within a few seconds. The question dies with the io_context; `files` must outlive it.
void look_up_name(boost::asio::io_context& io, NameFiles& files, NameQuestion question,
                  OnAnswer<SocketAddress> on_answer);

}  // namespace amb

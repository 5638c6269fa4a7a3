// SPDX-License-Identifier: Apache-2.0
//
// A link on its way from one piece of text to the set that will run. Sources make drafts, merge.h joins and
// judges them. Whatever happens to a draft is written at its candidates, so that `check` can tell it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "wiring/complaint.h"
#include "wiring/link_name.h"
#include "wiring/wiring.h"

namespace amb {

struct Draft {
  Link link;
  std::string value;                    ///< Of the first origin, as shown_value() has it; for messages.
  std::vector<LinkName> names;          ///< Of each origin that has the form NAME_PORT_n_TCP.
  std::vector<std::size_t> candidates;  ///< In Findings::candidates, one per origin.
};

/// Why a candidate stays out that only its protocol keeps from being a link.
inline constexpr std::string_view kUdpWhy = "not yet: UDP";
inline constexpr std::string_view kSctpWhy = "SCTP is not supported";

/// A NAME_PORT_n_TCP=value of whatever source. Every mistake becomes a Problem, and then there is no draft; a
/// protocol that is not relayed yet becomes an ignored candidate and a note. Blanks and line ends around the
/// value are no part of it.
void read_link(const Origin& origin, const LinkName& name, std::string_view value, Findings& findings,
               std::vector<Draft>& drafts);

/// Appends a draft with its candidate. Here and below the value is kept as shown_value() has it.
void add_draft(Link link, std::string value, std::vector<LinkName> names, Findings& findings,
               std::vector<Draft>& drafts);

/// One problem per complaint, and a candidate that says so.
void reject(const Origin& origin, std::string_view value, const Complaints& complaints, Findings& findings);
void reject(const Origin& origin, std::string_view value, Complaint complaint, Findings& findings);

/// Why a candidate is wrong, of all that is wrong with it.
template <class T>
std::string join_problems(const ToldList<T>& problems) {
  std::string why;
  for (const auto& problem : problems) why += (why.empty() ? "" : "; ") + problem.what;
  if (problems.left_out() == 0) return why;
  return why + (why.empty() ? "" : "; ") + std::to_string(problems.left_out()) + " problems not listed";
}

/// A candidate that stays out, and why. Give no value where it may be a secret.
void ignore(const Origin& origin, std::string_view value, std::string why, Findings& findings);

}  // namespace amb

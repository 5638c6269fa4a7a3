// SPDX-License-Identifier: Apache-2.0
#include "wiring/merge.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/text.h"
#include "wiring/listen_address.h"

namespace amb {

namespace {

/// Two listeners that cannot both be ours. A single address beside "every address" is fine: the kernel gives
/// the connection to the closer one.
bool collide(const SocketAddress& a, const SocketAddress& b) {
  return a == b || (a.is_unspecified() && b.is_unspecified() && a.port() == b.port());
}

const SocketAddress* find_collision(const Link& a, const Link& b) {
  for (const auto& listen : b.listen) {
    for (const auto& other : a.listen) {
      if (collide(other, listen)) return &listen;
    }
  }
  return nullptr;
}

bool share_a_port(const Link& a, const Link& b) {
  return std::ranges::any_of(a.listen, [&b](const SocketAddress& own) {
    return std::ranges::any_of(b.listen, [&own](const SocketAddress& other) {
      return own.is_unix() || other.is_unix() ? own == other : own.port() == other.port();
    });
  });
}

bool same_targets(const Link& a, const Link& b) {
  return std::ranges::equal(a.targets, b.targets, {}, &Target::text, &Target::text);
}

bool same_link(const Link& a, const Link& b) {
  return a.listen == b.listen && a.options == b.options && same_targets(a, b);
}

std::string targets_text(const Link& link) {
  std::string text;
  for (const auto& target : link.targets) text += (text.empty() ? "" : ",") + target.text;
  return escape_text(text);
}

std::string first_origin(const Draft& draft) { return escape_text(to_string(draft.link.origins.front())); }

void join(Draft& into, Draft&& from, Findings& findings) {
  mark(from, Candidate::Fate::merged, "the same link as " + first_origin(into), findings);
  for (const auto candidate : from.candidates) findings.candidates[candidate].link = into.link.name;
  std::ranges::move(from.link.origins, std::back_inserter(into.link.origins));
  std::ranges::move(from.names, std::back_inserter(into.names));
  std::ranges::move(from.candidates, std::back_inserter(into.candidates));
}

void report_collision(const Draft& first, const Draft& second, const SocketAddress& listen,
                      Findings& findings) {
  const std::string where = format_listen_address(listen);
  std::string what = same_targets(first.link, second.link)
                         ? where + " is wanted with other options than by " + first_origin(first)
                         : where + " would lead to " + targets_text(second.link) + ", but " +
                               first_origin(first) + " leads it to " + targets_text(first.link);
  findings.problems.push_back(
      {second.link.origins.front(), second.value, what,
       "one link per listening address; several targets go into one value, separated by commas"});
  mark(first, Candidate::Fate::problem, where + " is also wanted by " + first_origin(second), findings);
  mark(second, Candidate::Fate::problem, what, findings);
}

template <class Suffix>
void lengthen_names(std::vector<Draft>& drafts, Suffix suffix) {
  std::map<std::string, std::size_t> uses;
  for (const Draft& draft : drafts) ++uses[draft.link.name];
  for (Draft& draft : drafts) {
    if (uses[draft.link.name] > 1) draft.link.name += ":" + suffix(draft.link.listen.front());
  }
}

}  // namespace

void mark(const Draft& draft, Candidate::Fate fate, const std::string& why, Findings& findings) {
  for (const auto candidate : draft.candidates) {
    findings.candidates[candidate].fate = fate;
    findings.candidates[candidate].why = why;
  }
}

void yield_to_earlier(std::span<const Draft> earlier, std::vector<Draft>& later, Findings& findings) {
  std::erase_if(later, [&](const Draft& draft) {
    const auto claims = [&draft](const Draft& other) {
      return share_a_port(other.link, draft.link) && !same_link(other.link, draft.link);
    };
    const auto winner = std::ranges::find_if(earlier, claims);
    if (winner == earlier.end()) return false;
    mark(draft, Candidate::Fate::ignored, first_origin(*winner) + " claims the same port", findings);
    for (const auto candidate : draft.candidates) findings.candidates[candidate].link.clear();
    return true;
  });
}

std::vector<Draft> merge_drafts(std::vector<Draft> drafts, Findings& findings) {
  std::vector<Draft> merged;
  for (auto& draft : drafts) {
    const auto meets = [&draft](const Draft& other) {
      return find_collision(other.link, draft.link) != nullptr;
    };
    const auto other = std::ranges::find_if(merged, meets);
    if (other == merged.end()) {
      merged.push_back(std::move(draft));
    } else if (same_link(other->link, draft.link)) {
      join(*other, std::move(draft), findings);
    } else {
      report_collision(*other, draft, *find_collision(other->link, draft.link), findings);
    }
  }
  return merged;
}

void tell_apart(std::vector<Draft>& drafts, Findings& findings) {
  const auto with_port = [](const SocketAddress& listen) {
    return listen.is_unix() ? listen.path() : std::to_string(listen.port());
  };
  lengthen_names(drafts, with_port);
  lengthen_names(drafts, format_listen_address);  // one port of several addresses
  for (const Draft& draft : drafts) {
    for (const std::size_t candidate : draft.candidates)
      findings.candidates[candidate].link = draft.link.name;
  }
}

}  // namespace amb

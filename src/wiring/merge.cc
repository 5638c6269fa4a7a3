// SPDX-License-Identifier: Apache-2.0
#include "wiring/merge.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/text.h"
#include "wiring/listen_address.h"

namespace amb {

namespace {

/// Two listeners with one key cannot both be ours. A single address beside "every address" is fine: the
/// kernel gives the connection to the closer one.
std::string place_of(const SocketAddress& listen) {
  return listen.is_unspecified() ? "every address:" + std::to_string(listen.port()) : listen.to_string();
}

/// Two listeners with one key are of one port, whatever their addresses.
std::string port_of(const SocketAddress& listen) {
  return listen.is_unix() ? listen.path() : std::to_string(listen.port());
}

bool same_targets(const Link& a, const Link& b) {
  return std::ranges::equal(a.targets, b.targets, {}, &Target::text, &Target::text);
}

bool same_link(const Link& a, const Link& b) {
  return a.listen == b.listen && a.options == b.options && same_targets(a, b);
}

std::string targets_text(const Link& link) {
  constexpr std::size_t kEnough = 512;  // more than is shown
  std::string text;
  for (const auto& target : link.targets) {
    if (text.size() > kEnough) break;
    text += (text.empty() ? "" : ",") + target.text;
  }
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
  // Once: the first one may have as many candidates as there are others that collide with it.
  if (findings.candidates[first.candidates.front()].fate != Candidate::Fate::problem)
    mark(first, Candidate::Fate::problem, where + " is also wanted by " + first_origin(second), findings);
  mark(second, Candidate::Fate::problem, what, findings);
  findings.problems.push_back(
      {second.link.origins.front(), second.value, std::move(what),
       "one link per listening address; several targets go into one value, separated by commas"});
}

/// The earlier drafts by the ports that they claim, so that each later one meets few of them.
class Claims {
 public:
  explicit Claims(std::span<const Draft> earlier) : earlier_(earlier) {
    for (std::size_t place = 0; place < earlier.size(); ++place) {
      for (const auto& listen : earlier[place].link.listen) add(by_port_[port_of(listen)], place);
    }
  }

  /// The first one that claims a port of this link, and is another link.
  const Draft* find(const Link& link) const {
    std::size_t first = earlier_.size();
    for (const auto& listen : link.listen) {
      const auto claims = by_port_.find(port_of(listen));
      if (claims == by_port_.end()) continue;
      for (const std::size_t place : claims->second) {
        if (!same_link(earlier_[place].link, link)) first = std::min(first, place);
      }
    }
    return first == earlier_.size() ? nullptr : &earlier_[first];
  }

 private:
  /// The first one and the first one that differs from it: no link is the same as both.
  void add(std::vector<std::size_t>& places, std::size_t place) const {
    const bool is_news =
        places.empty() || (places.size() == 1 && !same_link(earlier_[places[0]].link, earlier_[place].link));
    if (is_news) places.push_back(place);
  }

  std::span<const Draft> earlier_;
  std::map<std::string, std::vector<std::size_t>> by_port_;
};

/// What has been merged so far, by where it listens.
class Merged {
 public:
  /// The first link that listens where this one would, and the first address of this one that does.
  struct Meeting {
    Draft* other = nullptr;
    const SocketAddress* listen = nullptr;
  };
  Meeting find(const Link& link) {
    std::size_t first = drafts_.size();
    const SocketAddress* where = nullptr;
    for (const auto& listen : link.listen) {
      const auto met = by_place_.find(place_of(listen));
      if (met == by_place_.end() || met->second >= first) continue;
      first = met->second;
      where = &listen;
    }
    return where == nullptr ? Meeting{} : Meeting{&drafts_[first], where};
  }

  void add(Draft draft) {
    for (const auto& listen : draft.link.listen) by_place_.try_emplace(place_of(listen), drafts_.size());
    drafts_.push_back(std::move(draft));
  }

  std::vector<Draft> take() { return std::move(drafts_); }

 private:
  std::vector<Draft> drafts_;
  std::map<std::string, std::size_t> by_place_;
};

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
  const Claims claims(earlier);
  std::erase_if(later, [&](const Draft& draft) {
    const Draft* winner = claims.find(draft.link);
    if (winner == nullptr) return false;
    mark(draft, Candidate::Fate::ignored, first_origin(*winner) + " claims the same port", findings);
    for (const auto candidate : draft.candidates) findings.candidates[candidate].link.clear();
    return true;
  });
}

std::vector<Draft> merge_drafts(std::vector<Draft> drafts, Findings& findings) {
  Merged merged;
  for (auto& draft : drafts) {
    const auto [other, listen] = merged.find(draft.link);
    if (other == nullptr) {
      merged.add(std::move(draft));
    } else if (same_link(other->link, draft.link)) {
      join(*other, std::move(draft), findings);
    } else {
      report_collision(*other, draft, *listen, findings);
    }
  }
  return merged.take();
}

void tell_apart(std::vector<Draft>& drafts, Findings& findings) {
  lengthen_names(drafts, port_of);
  lengthen_names(drafts, format_listen_address);  // one port of several addresses
  for (const Draft& draft : drafts) {
    for (const std::size_t candidate : draft.candidates)
      findings.candidates[candidate].link = draft.link.name;
  }
}

}  // namespace amb

// SPDX-License-Identifier: Apache-2.0
#include "wiring/self_loop.h"

#include <algorithm>

#include "base/text.h"
#include "wiring/listen_address.h"
#include "wiring/merge.h"

namespace amb {

namespace {

/// Whether a connection to `dialled`, an address of this host, reaches what listens at `listen`.
bool covers(const SocketAddress& listen, const SocketAddress& dialled) {
  if (listen.is_unspecified()) return listen.family() == AF_INET6 || dialled.family() == AF_INET;
  // The kernel takes 0.0.0.0 and :: for loopback when they are dialled.
  if (dialled.is_unspecified()) return listen.is_loopback();
  return listen.same_host(dialled);
}

bool is_ours(const SocketAddress& address, const WiringInput& input) {
  return address.is_loopback() || address.is_unspecified() ||
         std::ranges::any_of(input.own_addresses, [&](const auto& own) { return own.same_host(address); });
}

bool name_reaches(const SocketAddress& listen, const std::string& name, const WiringInput& input) {
  if (name == "localhost") return listen.is_unspecified() || listen.is_loopback();
  return equals_ignoring_case(name, input.hostname) && !listen.is_loopback();
}

bool reaches(const Target& target, const SocketAddress& listen, const WiringInput& input) {
  if (listen.is_unix()) return target.address == listen;
  if (listen.port() != target.port) return false;
  if (!target.address) return name_reaches(listen, target.name, input);
  const SocketAddress address = target.address->unmapped();
  return is_ours(address, input) && covers(listen.unmapped(), address);
}

void refuse_target(const Draft& draft, const Target& target, std::span<const Draft> drafts,
                   const WiringInput& input, Findings& findings) {
  for (const auto& other : drafts) {
    const auto hit = [&](const SocketAddress& listen) { return reaches(target, listen, input); };
    const auto listen = std::ranges::find_if(other.link.listen, hit);
    if (listen == other.link.listen.end()) continue;
    const std::string what =
        target.text + " is this ambassador itself: " + escape_text(to_string(other.link.origins.front())) +
        " listens on " + format_listen_address(*listen);
    findings.problems.push_back(
        {draft.link.origins.front(), draft.value, what, "a target that is not one of our listeners"});
    return mark(draft, Candidate::Fate::problem, what, findings);
  }
}

}  // namespace

void refuse_self_loops(std::span<const Draft> drafts, const WiringInput& input, Findings& findings) {
  for (const auto& draft : drafts) {
    for (const auto& target : draft.link.targets) refuse_target(draft, target, drafts, input, findings);
  }
}

}  // namespace amb

// SPDX-License-Identifier: Apache-2.0
#include "app/listener_set.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <utility>

#include "base/check.h"

namespace amb {

namespace {

void remove_path(const SocketAddress& address) {
  const std::string path = address.is_unix() ? address.path() : "";
  if (!path.empty() && !path.starts_with('@')) (void)::unlink(path.c_str());
}

/// A UNIX path has one socket, which the workers share.
Result<void> share_out(BoundListener& bound, unsigned workers) {
  while (bound.sockets.size() < workers) {
    UniqueFd copy(::fcntl(bound.sockets.front().borrow(), F_DUPFD_CLOEXEC, 0));
    if (!copy.is_open()) return std::unexpected(Error{"cannot share a listening socket", errno, {}});
    bound.sockets.push_back(std::move(copy));
  }
  return {};
}

}  // namespace

ListenerSet::Staged::~Staged() {
  for (const auto& one : bound) {
    if (!one.listener.sockets.empty()) remove_path(one.listener.address);
  }
}

ListenerSet::~ListenerSet() {
  for (const auto& [key, open] : open_) remove_path(open.bound);
}

/// Nothing for a port that the kernel shall choose: that is another one each time.
ListenerSet::Open* ListenerSet::find(const SocketAddress& wanted) {
  if (wanted.is_ip() && wanted.port() == 0) return nullptr;
  const auto found = open_.find(wanted.to_string());
  return found == open_.end() ? nullptr : &found->second;
}

/// Beside one of ours in whose way it is. Everything else is claimed so that nobody has it unseen.
PortClaim ListenerSet::claim_for(const SocketAddress& address) const {
  const auto is_in_the_way = [&](const auto& open) {
    const SocketAddress& bound = open.second.bound;
    return address.is_ip() && address.port() != 0 && bound.is_ip() && bound.port() == address.port() &&
           (address.is_unspecified() || bound.is_unspecified());
  };
  return std::ranges::any_of(open_, is_in_the_way) ? PortClaim::shared : PortClaim::exclusive;
}

std::expected<ListenerSet::Staged, std::vector<ListenerSet::Failure>> ListenerSet::stage(
    std::span<const Link> links) {
  Staged staged;
  std::vector<Failure> failures;
  for (std::size_t link = 0; link < links.size(); ++link) {
    for (const SocketAddress& address : links[link].listen) {
      if (find(address) != nullptr) continue;
      auto bound = bind_listener(address, workers_, claim_for(address));
      if (bound) {
        if (const auto shared = share_out(*bound, workers_); !shared)
          failures.push_back({link, address, shared.error()});
        staged.bound.push_back({link, address, std::move(*bound)});
      } else {
        failures.push_back({link, address, bound.error()});
      }
    }
  }
  if (!failures.empty()) return std::unexpected(std::move(failures));
  return staged;
}

std::expected<void, ListenerSet::Failure> ListenerSet::listen(const Staged& staged) {
  for (const auto& [link, address, bound] : staged.bound) {
    if (const auto listening = start_listening(bound); !listening)
      return std::unexpected(Failure{link, address, listening.error()});
  }
  return {};
}

ListenerSet::Opened ListenerSet::hand_out(std::size_t link, const SocketAddress& wanted,
                                          BoundListener& bound) {
  const bool is_chosen = wanted.is_ip() && wanted.port() == 0;
  open_.emplace((is_chosen ? bound.address : wanted).to_string(),
                Open{.id = ++last_id_, .link = link, .bound = bound.address, .is_wanted = true});
  return {last_id_, link, bound.address, std::exchange(bound.sockets, {})};
}

ListenerSet::Change ListenerSet::commit(Staged staged, std::span<const Wanted> wanted) {
  Change change;
  for (auto& [key, open] : open_) open.is_wanted = false;
  std::size_t next = 0;  // stage() went through the same links in the same order
  for (const Wanted& one : wanted) {
    for (const SocketAddress& address : one.listen) {
      if (Open* open = find(address)) {
        open->is_wanted = true;
        if (std::exchange(open->link, one.link) != one.link)
          change.moved.push_back({open->id, static_cast<LinkId>(one.link)});
        continue;
      }
      AMB_CHECK(next < staged.bound.size() && staged.bound[next].wanted == address);
      change.opened.push_back(hand_out(one.link, address, staged.bound[next++].listener));
    }
  }
  std::erase_if(open_, [&](const auto& entry) {
    if (entry.second.is_wanted) return false;
    change.closed.push_back(entry.second.id);
    remove_path(entry.second.bound);
    return true;
  });
  return change;
}

std::vector<SocketAddress> ListenerSet::addresses() const {
  std::vector<SocketAddress> addresses;
  for (const auto& [key, open] : open_) addresses.push_back(open.bound);
  return addresses;
}

std::vector<SocketAddress> ListenerSet::bound(std::span<const SocketAddress> wanted) const {
  std::vector<SocketAddress> addresses;
  for (const SocketAddress& address : wanted) {
    const auto open = open_.find(address.to_string());
    addresses.push_back(open == open_.end() ? address : open->second.bound);
  }
  return addresses;
}

}  // namespace amb

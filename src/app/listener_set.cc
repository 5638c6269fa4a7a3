// SPDX-License-Identifier: Apache-2.0
#include "app/listener_set.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <utility>

#include "base/check.h"

namespace amb {

namespace {

bool is_path(const SocketAddress& address) { return address.is_unix() && !address.path().starts_with('@'); }

/// Where in the file system a path is, whatever stands there: the folder's identity, and the name in it.
/// Empty for other addresses, and where there is no folder.
std::string spot_of(const SocketAddress& address) {
  if (!is_path(address)) return {};
  const std::string path = address.path();
  const std::size_t slash = path.rfind('/');
  const auto folder = file_id(path.substr(0, slash + 1));
  if (!folder) return {};
  return std::to_string(folder->device) + ":" + std::to_string(folder->inode) + path.substr(slash);
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

struct ListenerSet::Staging {
  Staged staged{};
  std::vector<Failure> failures{};
  std::map<std::string, SocketAddress> spots{};  ///< Of what is new, as the wiring calls it.
  std::map<const Open*, SocketAddress> kept{};   ///< The same of what we have.
  WantedAccess access{};                         ///< Of the link that is being staged.

  void fail(std::size_t link, const SocketAddress& address, Error error) {
    failures.push_back({link, address, std::move(error)});
  }
  void fail_as_same(std::size_t link, const SocketAddress& address, const SocketAddress& other) {
    failures.push_back({link,
                        address,
                        {address.to_string() + " is the same place as", 0, other.to_string()},
                        "one link per listening address, and one spelling"});
  }
};

ListenerSet::Staged::~Staged() {
  for (const AccessChange& change : changes_) (void)change.open->place.set_access(change.before);
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

/// One that we have at the same place by another spelling.
ListenerSet::Open* ListenerSet::find_place(const SocketAddress& wanted) {
  const std::string spot = spot_of(wanted);
  const auto is_there = [&spot](const auto& open) { return open.second.spot == spot; };
  const auto found = spot.empty() ? open_.end() : std::ranges::find_if(open_, is_there);
  return found == open_.end() ? nullptr : &found->second;
}

/// It is undone with what is staged.
Result<void> ListenerSet::give(const WantedAccess& access, Open& open, Staged& staged) {
  const auto before = open.place.access();
  if (access == open.access || !before) return {};
  staged.changes_.push_back({&open, access, *before});
  return open.place.set_access(access.on(open.made));
}

void ListenerSet::stage_new(std::size_t link, const SocketAddress& address, Staging& staging) {
  std::string spot = spot_of(address);
  if (!spot.empty()) {
    const auto [other, is_first] = staging.spots.emplace(spot, address);
    if (!is_first) return staging.fail_as_same(link, address, other->second);
  }
  auto bound = bind_listener(address, workers_, claim_for(address));
  if (!bound) return staging.fail(link, address, bound.error());
  if (const auto shared = share_out(*bound, workers_); !shared)
    return staging.fail(link, address, shared.error());
  // Before it listens: nobody gets through to it who may not.
  const FileAccess made = bound->place.access().value_or(FileAccess{});
  if (staging.access != WantedAccess{} && bound->place.id()) {
    if (const auto given = bound->place.set_access(staging.access.on(made)); !given)
      return staging.fail(link, address, given.error());
  }
  staging.staged.bound.push_back({link, address, std::move(*bound), std::move(spot), made, staging.access});
}

void ListenerSet::stage_one(std::size_t link, const SocketAddress& address, Staging& staging) {
  Open* open = find(address);
  const bool is_respelled = open == nullptr && (open = find_place(address)) != nullptr;
  if (open == nullptr) return stage_new(link, address, staging);
  const auto [other, is_first] = staging.kept.emplace(open, address);
  if (!is_first) return staging.fail_as_same(link, address, other->second);
  if (is_respelled) staging.staged.respelled_.push_back({address, open->id});
  if (const auto given = give(staging.access, *open, staging.staged); !given)
    staging.fail(link, address, given.error());
}

/// A path leads to one of our own sockets though it is another text: through a symbolic link, for instance.
void ListenerSet::find_loops(std::span<const Link> links, Staging& staging) const {
  std::vector<std::pair<FileId, SocketAddress>> ours;
  for (const auto& one : staging.staged.bound) {
    if (const auto id = one.listener.place.id()) ours.emplace_back(*id, one.wanted);
  }
  for (const auto& [open, address] : staging.kept) {
    if (const auto id = open->place.id()) ours.emplace_back(*id, address);
  }
  if (ours.empty()) return;
  for (std::size_t link = 0; link < links.size(); ++link) {
    for (const Target& target : links[link].targets) {
      if (!target.address || !is_path(*target.address)) continue;
      const auto found =
          std::ranges::find(ours, file_id(target.address->path()), &decltype(ours)::value_type::first);
      if (found == ours.end()) continue;
      staging.failures.push_back(
          {link,
           *target.address,
           {target.text + " is this ambassador itself, which listens on", 0, found->second.to_string()},
           "a target that is not one of our listeners"});
    }
  }
}

std::expected<ListenerSet::Staged, std::vector<ListenerSet::Failure>> ListenerSet::stage(
    std::span<const Link> links) {
  Staging staging;
  for (std::size_t link = 0; link < links.size(); ++link) {
    const auto access = wanted_access(links[link].options.file);
    if (!access) staging.fail(link, links[link].listen.front(), access.error());
    staging.access = access.value_or(WantedAccess{});
    for (const SocketAddress& address : links[link].listen) stage_one(link, address, staging);
  }
  find_loops(links, staging);
  if (!staging.failures.empty()) return std::unexpected(std::move(staging.failures));
  return std::move(staging.staged);
}

std::expected<void, ListenerSet::Failure> ListenerSet::listen(const Staged& staged) {
  for (const auto& one : staged.bound) {
    if (const auto listening = start_listening(one.listener); !listening)
      return std::unexpected(Failure{one.link, one.wanted, listening.error()});
  }
  return {};
}

ListenerSet::Opened ListenerSet::hand_out(std::size_t link, Staged::One& staged) {
  auto& [place, wanted, bound, spot, made, access] = staged;
  const bool is_chosen = wanted.is_ip() && wanted.port() == 0;
  open_.emplace((is_chosen ? bound.address : wanted).to_string(), Open{.id = ++last_id_,
                                                                       .link = link,
                                                                       .bound = bound.address,
                                                                       .place = std::move(bound.place),
                                                                       .spot = std::move(spot),
                                                                       .made = made,
                                                                       .access = access,
                                                                       .is_wanted = true});
  return {last_id_, link, bound.address, std::exchange(bound.sockets, {})};
}

/// Under the address by which the wiring knows it from now on.
void ListenerSet::respell(const SocketAddress& wanted, ListenerId id) {
  const auto found = std::ranges::find_if(open_, [id](const auto& open) { return open.second.id == id; });
  AMB_CHECK(found != open_.end());
  auto node = open_.extract(found);
  node.key() = wanted.to_string();
  node.mapped().bound = wanted;
  open_.insert(std::move(node));
}

ListenerSet::Change ListenerSet::commit(Staged staged, std::span<const Wanted> wanted) {
  Change change;
  for (const auto& [address, id] : staged.respelled_) respell(address, id);
  for (const auto& one : std::exchange(staged.changes_, {})) one.open->access = one.now;
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
      change.opened.push_back(hand_out(one.link, staged.bound[next++]));
    }
  }
  std::erase_if(open_, [&](const auto& entry) {
    if (entry.second.is_wanted) return false;
    change.closed.push_back(entry.second.id);
    return true;  // a path goes here: before the workers close, so that whoever got through is still taken
  });
  return change;
}

void ListenerSet::give_up_paths() {
  for (auto& [key, open] : open_) open.place.give_up();
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

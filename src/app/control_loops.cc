// SPDX-License-Identifier: Apache-2.0
#include "app/control_loops.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>

#include "net/interfaces.h"
#include "net/unix_place.h"

namespace amb {

namespace {

std::string text_of(const FileId& id) { return std::to_string(id.device) + ":" + std::to_string(id.inode); }

/// The same for every path that leads to the same file. What is not there yet is known by its folder and
/// name.
std::string identity_of(const std::string& path) {
  if (path.starts_with('@')) return path;
  if (const auto file = file_id(path)) return text_of(*file);
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return path;
  const auto folder = file_id(slash == 0 ? "/" : path.substr(0, slash));
  return folder ? text_of(*folder) + path.substr(slash) : path;
}

class ControlPlaces {
 public:
  explicit ControlPlaces(std::span<const SocketAddress> control) {
    for (const SocketAddress& address : control) {
      if (address.is_ip()) addresses_.push_back(address);
      if (address.is_unix()) identities_.insert(identity_of(address.path()));
    }
    if (!addresses_.empty()) own_ = own_addresses();
  }

  bool has(const Target& target) const {
    if (target.address && target.address->is_unix())
      return identities_.contains(identity_of(target.address->path()));
    return std::ranges::any_of(addresses_, [&](const SocketAddress& control) {
      const auto leads_there = [&](const std::optional<SocketAddress>& address) {
        return address && reaches_listener(address->unmapped(), control, own_);
      };
      if (target.name == "localhost") {
        return leads_there(SocketAddress::from_ip("127.0.0.1", target.port)) ||
               leads_there(SocketAddress::from_ip("::1", target.port));
      }
      return leads_there(target.address);
    });
  }

 private:
  std::vector<SocketAddress> addresses_;
  std::vector<SocketAddress> own_;
  std::set<std::string> identities_;
};

}  // namespace

Problems find_control_loops(std::span<const Link> links, std::span<const SocketAddress> control) {
  Problems problems;
  if (control.empty()) return problems;
  const ControlPlaces places(control);
  for (const Link& link : links) {
    const auto loop = std::ranges::find_if(link.targets, [&](const Target& one) { return places.has(one); });
    if (loop == link.targets.end()) continue;
    problems.push_back({link.origins.front(), loop->text,
                        loop->text + " is the control API of this ambassador itself",
                        "another target; the API over TCP is AMBASSADOR_ADMIN, with a token"});
  }
  return problems;
}

}  // namespace amb

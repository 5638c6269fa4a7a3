// SPDX-License-Identifier: Apache-2.0
#include "admin/peer_identity.h"

#include <poll.h>
#include <unistd.h>

#include <sstream>

#include "base/small_file.h"
#include "base/text.h"
#include "net/address.h"

namespace amb {

namespace {

constexpr std::size_t kMostMapBytes = 65536;  // user_namespaces(7): less than a page, or 340 lines
constexpr unsigned kUsualOverflowUid = 65534;

/// Whether each uid of ours is the same one outside, and none is left out.
bool is_identity(const std::string& uid_map) {
  constexpr unsigned kAll = 4294967295;
  std::istringstream text(uid_map);
  unsigned inside = 1, outside = 1, count = 0;
  text >> inside >> outside >> count;
  return text && inside == 0 && outside == 0 && count == kAll;
}

}  // namespace

std::optional<PeerIdentity> peer_of(int fd) {
  int domain = 0;
  socklen_t domain_size = sizeof domain;
  if (::getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &domain_size) != 0 || domain != AF_UNIX)
    return std::nullopt;
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) return std::nullopt;
  return PeerIdentity{credentials.pid, credentials.uid};
}

bool has_hung_up(int fd) {
  pollfd one{.fd = fd, .events = POLLRDHUP, .revents = 0};
  return ::poll(&one, 1, 0) == 1;
}

std::optional<unsigned> ambiguous_uid(const std::string& proc) {
  const auto map = read_small_file(proc + "/self/uid_map", kMostMapBytes);
  if (map && is_identity(*map)) return std::nullopt;
  // A kernel without user namespaces has no such file; without /proc nobody knows.
  if (!map && ::access((proc + "/self/status").c_str(), F_OK) == 0) return std::nullopt;
  const auto overflow = read_small_file(proc + "/sys/kernel/overflowuid", kMostMapBytes);
  const std::string text = overflow ? *overflow : std::string();
  return parse_number<unsigned>(text.substr(0, text.find('\n'))).value_or(kUsualOverflowUid);
}

bool is_trusted(const PeerIdentity& peer, unsigned own_uid, Reach reach, std::optional<unsigned> ambiguous) {
  if (peer.uid == ambiguous) return false;
  if (reach == Reach::abstract && peer.pid == 0) return false;
  return peer.uid == own_uid || peer.uid == 0;
}

}  // namespace amb

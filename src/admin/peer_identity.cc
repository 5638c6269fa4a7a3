// SPDX-License-Identifier: Apache-2.0
#include "admin/peer_identity.h"

#include "net/address.h"

namespace amb {

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

bool is_trusted(const PeerIdentity& peer, unsigned own_uid, Reach reach) {
  if (reach == Reach::abstract && peer.pid == 0) return false;
  return peer.uid == own_uid || peer.uid == 0;
}

}  // namespace amb

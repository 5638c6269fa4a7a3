// SPDX-License-Identifier: Apache-2.0
//
// Who is at the other end of a UNIX socket, as the kernel says (SO_PEERCRED, unix(7)). The mode of the
// socket's file keeps others out already; an abstract socket has no mode, and this is all that guards it.
#pragma once

#include <optional>
#include <string>

namespace amb {

struct PeerIdentity {
  int pid = 0;  ///< 0: it is in no PID namespace that we can see into.
  unsigned uid = 0;
};

/// Nothing for a socket that is no UNIX socket.
std::optional<PeerIdentity> peer_of(int fd);

/// Whether it has closed its end, or said that it will say no more. Reads nothing.
bool has_hung_up(int fd);

enum class Reach { file, abstract };

/// The uid that every user has for us whom our user namespace does not map, user_namespaces(7): 65534, unless
/// the host says otherwise. Nothing where all users are mapped.
std::optional<unsigned> ambiguous_uid(const std::string& proc = "/proc");

/// Our own user, or root, as long as that uid is not the ambiguous one: then it may be anybody. By an
/// abstract name also of our own PID namespace: containers of a pod share their network and its abstract
/// names.
bool is_trusted(const PeerIdentity& peer, unsigned own_uid, Reach reach,
                std::optional<unsigned> ambiguous = std::nullopt);

}  // namespace amb

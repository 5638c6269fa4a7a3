// SPDX-License-Identifier: Apache-2.0
//
// Who may ask what, before anybody looks at the question. Over TCP every web page that runs in somebody's
// browser can reach a port of that host, by a name of its own making too: so the Host is one that we know, no
// page's Origin is let in but that of our own page, and each request shows the token, but for the files of
// that page, which hold nothing. Over the control socket the kernel says who it is.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "admin/http_head.h"
#include "admin/http_message.h"
#include "admin/peer_identity.h"
#include "base/result.h"
#include "net/address.h"

namespace amb {

/// The rules of one listener.
struct HttpAccess {
  enum class Kind { unix_socket, tcp };
  Kind kind = Kind::unix_socket;
  Reach reach = Reach::file;  ///< Of a UNIX socket.
  unsigned own_uid = 0;       ///< Of a UNIX socket.
  int own_pid = 0;            ///< Of a UNIX socket: who comes from here is a link of ours; 0 is nobody.
  std::optional<unsigned> ambiguous_uid;  ///< Of a UNIX socket: peer_identity.h.
  std::string token;                      ///< Of TCP; never empty there.
  std::vector<std::string> hosts;         ///< Of TCP: the values that Host may have.
};

/// Nothing when the request may be looked at. `fd` is the connection.
std::optional<HttpResponse> refusal(const HttpAccess& access, const HttpHead& head, int fd);

/// Whether the UNIX socket's peer is whom that socket is for.
bool is_owner(const HttpAccess& access, int fd);

/// Whether the request came over TCP and shows the token.
bool has_proven(const HttpAccess& access, const HttpHead& head);

/// The address itself, "localhost", and `further`; each with the port, and without it where HTTP leaves it
/// out. Names of `further` that say no port are good with and without.
std::vector<std::string> hosts_of(const SocketAddress& bound, const std::vector<std::string>& further);

/// `token`, or what the file holds, without the line's end. Fails for what nobody could send, or everybody
/// guess.
Result<std::string> find_token(const std::string& token, const std::string& token_file);

/// Takes as long for each `given` of one length, however much of it is right.
bool is_same_secret(std::string_view expected, std::string_view given);

}  // namespace amb

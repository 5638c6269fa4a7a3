// SPDX-License-Identifier: Apache-2.0
//
// One address a socket can be bound or connected to: IPv4, IPv6 or a UNIX path. A plain value, never a name;
// names become addresses in discovery/.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace amb {

class SocketAddress {
 public:
  SocketAddress() = default;

  /// From dotted IPv4 or IPv6 without brackets (a zone "%eth0" is allowed); nothing else.
  static std::optional<SocketAddress> from_ip(std::string_view text, std::uint16_t port);
  /// From a path of at most 107 bytes; "@name" is the abstract namespace. Nothing if empty or too long.
  static std::optional<SocketAddress> from_path(std::string_view path);
  /// From what the kernel handed out. Unknown families give an address with is_set() == false.
  static SocketAddress from_kernel(const sockaddr* address, socklen_t size_bytes);

  bool is_set() const { return size_ != 0; }
  sa_family_t family() const { return storage_.any.sa_family; }
  bool is_unix() const { return is_set() && family() == AF_UNIX; }
  bool is_ip() const { return is_set() && family() != AF_UNIX; }

  std::uint16_t port() const;  ///< Host byte order; 0 for a UNIX path.
  SocketAddress with_port(std::uint16_t port) const;
  std::string path() const;  ///< Only for UNIX; "@name" for abstract.

  /// IPv4-mapped IPv6 (::ffff:a.b.c.d) becomes the IPv4 address, everything else stays.
  SocketAddress unmapped() const;

  bool is_loopback() const;     ///< 127.0.0.0/8, ::1 and their mapped forms.
  bool is_unspecified() const;  ///< 0.0.0.0, :: and ::ffff:0.0.0.0.
  bool is_link_local() const;   ///< 169.254.0.0/16 and fe80::/10.
  bool is_private() const;      ///< Loopback, link-local, RFC 1918, RFC 4193 (fc00::/7), 100.64.0.0/10.

  /// Same host, whatever the port; mapped and plain IPv4 are the same.
  bool same_host(const SocketAddress& other) const;

  /// "10.0.0.5:6379", "[::1]:6379", "unix:/run/x.sock".
  std::string to_string() const;
  /// The host alone, "10.0.0.5" or "::1"; the path for UNIX.
  std::string host() const;

  const sockaddr* raw() const { return &storage_.any; }
  socklen_t raw_size() const { return size_; }

  friend bool operator==(const SocketAddress& a, const SocketAddress& b);

 private:
  union Storage {
    sockaddr_un un;  // first, for {} clears the first member alone, and this is the largest
    sockaddr any;
    sockaddr_in v4;
    sockaddr_in6 v6;
  };
  Storage storage_{};
  socklen_t size_ = 0;
};

}  // namespace amb

// SPDX-License-Identifier: Apache-2.0
#include "net/address.h"

#include <arpa/inet.h>
#include <net/if.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstring>

namespace amb {

namespace {

constexpr std::size_t kPathOffset = offsetof(sockaddr_un, sun_path);
// One byte of sun_path stays a NUL: path names are then readable by everyone who prints them.
constexpr std::size_t kMaxPath = sizeof(sockaddr_un::sun_path) - 1;

/// The number behind "%": an interface index, or the name of an interface of this machine. 0 is neither.
std::uint32_t zone_index(const std::string& zone) {
  std::uint32_t index = 0;
  const char* end = zone.data() + zone.size();
  if (auto [rest, error] = std::from_chars(zone.data(), end, index); error == std::errc{} && rest == end) {
    return index;
  }
  return if_nametoindex(zone.c_str());
}

bool is_mapped(const sockaddr_in6& v6) { return IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr) != 0; }

/// An IPv4 address in host byte order, so that prefixes compare as numbers.
bool in_prefix(std::uint32_t address, std::uint32_t prefix, unsigned length) {
  return (address >> (32 - length)) == (prefix >> (32 - length));
}

bool is_private_v4(std::uint32_t a) {
  return in_prefix(a, 0x7f000000, 8) || in_prefix(a, 0xa9fe0000, 16) || in_prefix(a, 0x0a000000, 8) ||
         in_prefix(a, 0xac100000, 12) || in_prefix(a, 0xc0a80000, 16) || in_prefix(a, 0x64400000, 10);
}

}  // namespace

std::optional<SocketAddress> SocketAddress::from_ip(std::string_view text, std::uint16_t port) {
  // inet_pton stops at a NUL, so text behind one would be taken without being read.
  if (text.empty() || text.find('\0') != std::string_view::npos) return std::nullopt;
  SocketAddress result;
  const std::string whole(text);
  if (inet_pton(AF_INET, whole.c_str(), &result.storage_.v4.sin_addr) == 1) {
    result.storage_.v4.sin_family = AF_INET;
    result.storage_.v4.sin_port = htons(port);
    result.size_ = sizeof(sockaddr_in);
    return result;
  }

  result.storage_ = {};
  const auto percent = whole.find('%');
  auto& v6 = result.storage_.v6;
  if (percent != std::string::npos) {
    v6.sin6_scope_id = zone_index(whole.substr(percent + 1));
    if (v6.sin6_scope_id == 0) return std::nullopt;
  }
  if (inet_pton(AF_INET6, whole.substr(0, percent).c_str(), &v6.sin6_addr) != 1) return std::nullopt;
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  result.size_ = sizeof(sockaddr_in6);
  return result;
}

std::optional<SocketAddress> SocketAddress::from_path(std::string_view path) {
  if (path.empty() || path == "@" || path.size() > kMaxPath || path.find('\0') != std::string_view::npos) {
    return std::nullopt;
  }
  SocketAddress result;
  result.storage_.un.sun_family = AF_UNIX;
  std::ranges::copy(path, result.storage_.un.sun_path);
  const bool is_abstract = path.front() == '@';
  if (is_abstract) result.storage_.un.sun_path[0] = '\0';
  // A path is sized with its final NUL; an abstract name is exactly its bytes.
  result.size_ = static_cast<socklen_t>(kPathOffset + path.size() + (is_abstract ? 0 : 1));
  return result;
}

SocketAddress SocketAddress::from_kernel(const sockaddr* address, socklen_t size_bytes) {
  SocketAddress result;
  if (size_bytes < sizeof(sa_family_t)) return result;
  const bool known = (address->sa_family == AF_INET && size_bytes >= sizeof(sockaddr_in)) ||
                     (address->sa_family == AF_INET6 && size_bytes >= sizeof(sockaddr_in6)) ||
                     address->sa_family == AF_UNIX;
  if (!known) return result;
  const auto size = std::min<std::size_t>(size_bytes, sizeof(Storage));
  std::memcpy(&result.storage_, address, size);
  result.size_ = static_cast<socklen_t>(size);
  return result;
}

std::uint16_t SocketAddress::port() const {
  if (!is_ip()) return 0;
  return ntohs(family() == AF_INET ? storage_.v4.sin_port : storage_.v6.sin6_port);
}

SocketAddress SocketAddress::with_port(std::uint16_t port) const {
  SocketAddress result = *this;
  if (is_ip())
    (family() == AF_INET ? result.storage_.v4.sin_port : result.storage_.v6.sin6_port) = htons(port);
  return result;
}

std::string SocketAddress::path() const {
  if (!is_unix() || size_ <= kPathOffset) return {};
  const char* bytes = storage_.un.sun_path;
  const std::size_t size = size_ - kPathOffset;
  if (bytes[0] == '\0') return std::string(1, '@').append(bytes + 1, size - 1);
  return {bytes, strnlen(bytes, size)};
}

SocketAddress SocketAddress::unmapped() const {
  if (!is_set() || family() != AF_INET6 || !is_mapped(storage_.v6)) return *this;
  SocketAddress result;
  result.storage_.v4.sin_family = AF_INET;
  result.storage_.v4.sin_port = storage_.v6.sin6_port;
  std::memcpy(&result.storage_.v4.sin_addr, &storage_.v6.sin6_addr.s6_addr[12], 4);
  result.size_ = sizeof(sockaddr_in);
  return result;
}

bool SocketAddress::is_loopback() const {
  if (!is_ip()) return false;
  const SocketAddress plain = unmapped();
  if (plain.family() == AF_INET) return in_prefix(ntohl(plain.storage_.v4.sin_addr.s_addr), 0x7f000000, 8);
  return IN6_IS_ADDR_LOOPBACK(&plain.storage_.v6.sin6_addr) != 0;
}

bool SocketAddress::is_unspecified() const {
  if (!is_ip()) return false;
  const SocketAddress plain = unmapped();
  if (plain.family() == AF_INET) return plain.storage_.v4.sin_addr.s_addr == 0;
  return IN6_IS_ADDR_UNSPECIFIED(&plain.storage_.v6.sin6_addr) != 0;
}

bool SocketAddress::is_link_local() const {
  if (!is_ip()) return false;
  const SocketAddress plain = unmapped();
  if (plain.family() == AF_INET) return in_prefix(ntohl(plain.storage_.v4.sin_addr.s_addr), 0xa9fe0000, 16);
  return IN6_IS_ADDR_LINKLOCAL(&plain.storage_.v6.sin6_addr) != 0;
}

bool SocketAddress::is_private() const {
  if (!is_ip()) return false;
  const SocketAddress plain = unmapped();
  if (plain.family() == AF_INET) return is_private_v4(ntohl(plain.storage_.v4.sin_addr.s_addr));
  const bool unique_local = (plain.storage_.v6.sin6_addr.s6_addr[0] & 0xfe) == 0xfc;
  return unique_local || is_loopback() || is_link_local();
}

bool SocketAddress::same_host(const SocketAddress& other) const {
  return is_set() && unmapped().with_port(0) == other.unmapped().with_port(0);
}

std::string SocketAddress::to_string() const {
  if (!is_set()) return "-";
  if (is_unix()) return "unix:" + path();
  const std::string number = std::to_string(port());
  return family() == AF_INET ? host() + ":" + number : std::string(1, '[') + host() + "]:" + number;
}

std::string SocketAddress::host() const {
  if (!is_set()) return {};
  if (is_unix()) return path();
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (family() == AF_INET) return inet_ntop(AF_INET, &storage_.v4.sin_addr, text.data(), text.size());
  std::string result = inet_ntop(AF_INET6, &storage_.v6.sin6_addr, text.data(), text.size());
  if (storage_.v6.sin6_scope_id == 0) return result;
  // The name if the interface still exists, its number otherwise: both are read back by from_ip().
  std::array<char, IF_NAMESIZE> name{};
  const char* zone = if_indextoname(storage_.v6.sin6_scope_id, name.data());
  return result + "%" + (zone != nullptr ? std::string(zone) : std::to_string(storage_.v6.sin6_scope_id));
}

bool operator==(const SocketAddress& a, const SocketAddress& b) {
  if (!a.is_set() || !b.is_set()) return a.is_set() == b.is_set();
  if (a.family() != b.family() || a.port() != b.port()) return false;
  if (a.family() == AF_UNIX) return a.path() == b.path();
  if (a.family() == AF_INET) return a.storage_.v4.sin_addr.s_addr == b.storage_.v4.sin_addr.s_addr;
  return a.storage_.v6.sin6_scope_id == b.storage_.v6.sin6_scope_id &&
         IN6_ARE_ADDR_EQUAL(&a.storage_.v6.sin6_addr, &b.storage_.v6.sin6_addr);
}

}  // namespace amb

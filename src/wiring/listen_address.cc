// SPDX-License-Identifier: Apache-2.0
#include "wiring/listen_address.h"

#include "base/text.h"
#include "wiring/host_port.h"

namespace amb {

namespace {

constexpr std::string_view kPathCharacters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/-_.:@+~=";

bool drop_scheme(std::string_view& text, std::string_view scheme) {
  if (!equals_ignoring_case(text.substr(0, scheme.size()), scheme)) return false;
  text.remove_prefix(scheme.size());
  return true;
}

}  // namespace

Checked<SocketAddress> parse_listen_address(std::string_view text, std::uint16_t default_port) {
  constexpr auto kAccepted = "tcp://IP:PORT, IP, IP:PORT or unix:///path";
  std::string_view rest = text;
  if (drop_scheme(rest, "unix://")) return parse_unix_path(rest);
  drop_scheme(rest, "tcp://");
  if (rest.find("://") != std::string_view::npos) {
    return std::unexpected(
        Complaint{"'" + escape_text(text, 80) + "' has a scheme that nothing listens with", kAccepted});
  }
  const auto where = parse_host_port(rest);
  if (!where) return std::unexpected(Complaint{where.error().what, kAccepted});
  if (!where->host.address) {
    return std::unexpected(
        Complaint{"'" + escape_text(text, 80) + "' is a name, not an address to listen on", kAccepted});
  }
  const std::uint16_t port = where->port.value_or(default_port);
  if (port == 0) return std::unexpected(Complaint{"'" + escape_text(text, 80) + "' says no port", kAccepted});
  return where->host.address->with_port(port);
}

std::string format_listen_address(const SocketAddress& address) {
  return address.is_unix() ? "unix://" + address.path() : address.to_string();
}

Checked<SocketAddress> parse_unix_path(std::string_view path) {
  const auto complain = [](std::string what) {
    return std::unexpected(
        Complaint{std::move(what), "unix:///path with an absolute path of at most 107 bytes"});
  };
  if (!path.starts_with('/')) return complain("'" + escape_text(path, 80) + "' is not an absolute path");
  if (path.ends_with('/')) return complain("'" + escape_text(path, 80) + "' is a directory");
  const auto odd = path.find_first_not_of(kPathCharacters);
  if (odd != std::string_view::npos) {
    return complain("path '" + escape_text(path, 80) + "' holds '" + escape_text(path.substr(odd, 1)) + "'");
  }
  const auto address = SocketAddress::from_path(path);
  if (!address)
    return complain("a path of " + std::to_string(path.size()) + " bytes is too long for a UNIX socket");
  return *address;
}

SocketAddress any_address(std::uint16_t port) { return SocketAddress::from_ip("::", port).value(); }

}  // namespace amb

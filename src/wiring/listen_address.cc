// SPDX-License-Identifier: Apache-2.0
#include "wiring/listen_address.h"

#include "base/text.h"
#include "wiring/host_port.h"

namespace amb {

namespace {

constexpr std::string_view kPathCharacters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/-_.:@+~=";

bool has_prefix(std::string_view text, std::string_view prefix) {
  return equals_ignoring_case(text.substr(0, prefix.size()), prefix);
}

bool drop_scheme(std::string_view& text, std::string_view scheme) {
  if (!has_prefix(text, scheme)) return false;
  text.remove_prefix(scheme.size());
  return true;
}

/// Without what changes nothing: "/run//x/./y" is "/run/x/y".
std::string tidy_path(std::string_view path) {
  std::string tidy;
  for (const std::string_view step : split(path.substr(1), '/')) {
    if (step.empty() || step == ".") continue;
    tidy += '/';
    tidy += step;
  }
  return tidy;
}

Checked<SocketAddress> parse_abstract_name(std::string_view name) {
  const auto complain = [](std::string what) {
    return std::unexpected(Complaint{
        std::move(what), "unix:@name with an abstract name of at most 106 letters, digits and /-_.:@+~="});
  };
  if (name == "@") return complain("the abstract name is empty");
  const auto odd = name.find_first_not_of(kPathCharacters);
  if (odd != std::string_view::npos) {
    return complain("abstract name '" + escape_text(name, 80) + "' holds '" +
                    escape_text(name.substr(odd, 1)) + "'");
  }
  const auto address = SocketAddress::from_path(name);
  if (!address) {
    return complain("an abstract name of " + std::to_string(name.size() - 1) +
                    " bytes is too long for a UNIX socket");
  }
  return *address;
}

}  // namespace

Checked<SocketAddress> parse_listen_address(std::string_view text, std::uint16_t default_port) {
  constexpr auto kAccepted = "tcp://IP:PORT, IP, IP:PORT, unix:///path or unix:@name";
  std::string_view rest = text;
  if (const auto part = unix_part(text)) return parse_unix_address(*part);
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
  if (!address.is_unix()) return address.to_string();
  const std::string path = address.path();
  return (path.starts_with('@') ? "unix:" : "unix://") + path;
}

std::optional<std::string_view> unix_part(std::string_view text) {
  if (drop_scheme(text, "unix://")) return text;
  if (has_prefix(text, "unix:@")) return text.substr(std::string_view("unix:").size());
  return std::nullopt;
}

Checked<SocketAddress> parse_unix_address(std::string_view part) {
  return part.starts_with('@') ? parse_abstract_name(part) : parse_unix_path(part);
}

Checked<SocketAddress> parse_unix_path(std::string_view path) {
  const auto complain = [](std::string what) {
    return std::unexpected(
        Complaint{std::move(what), "unix:///path with an absolute path of at most 107 bytes"});
  };
  if (!path.starts_with('/')) return complain("'" + escape_text(path, 80) + "' is not an absolute path");
  const std::string_view last = path.substr(path.rfind('/') + 1);
  if (last.empty() || last == "." || last == "..")
    return complain("'" + escape_text(path, 80) + "' is a directory");
  const auto odd = path.find_first_not_of(kPathCharacters);
  if (odd != std::string_view::npos) {
    return complain("path '" + escape_text(path, 80) + "' holds '" + escape_text(path.substr(odd, 1)) + "'");
  }
  const std::string tidy = tidy_path(path);
  const auto address = SocketAddress::from_path(tidy);
  if (!address)
    return complain("a path of " + std::to_string(tidy.size()) + " bytes is too long for a UNIX socket");
  return *address;
}

SocketAddress any_address(std::uint16_t port) { return SocketAddress::from_ip("::", port).value(); }

}  // namespace amb

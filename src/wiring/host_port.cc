// SPDX-License-Identifier: Apache-2.0
#include "wiring/host_port.h"

#include <algorithm>

#include "base/text.h"

namespace amb {

namespace {

constexpr std::string_view kNameCharacters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
constexpr std::size_t kLongestName = 253;  // RFC 1035 section 2.3.4, without length bytes and root
constexpr std::size_t kLongestLabel = 63;

std::unexpected<Complaint> no_host(std::string what) {
  return std::unexpected(Complaint{std::move(what), "a name, an IPv4 address or an [IPv6] address"});
}

/// Zones are refused: they name an interface of one machine, and need the kernel to be understood.
std::optional<SocketAddress> parse_ip(std::string_view text) {
  if (text.find('%') != std::string_view::npos) return std::nullopt;
  auto address = SocketAddress::from_ip(text, 0);
  return address ? std::optional(address->unmapped()) : std::nullopt;
}

bool is_ipv6(std::string_view text) { return text.find(':') != std::string_view::npos && parse_ip(text); }

bool is_number(std::string_view label) {
  if (label.starts_with("0x") || label.starts_with("0X")) {
    return label.find_first_not_of("0123456789abcdefABCDEF", 2) == std::string_view::npos;
  }
  return is_digits(label);
}

/// "10.0.0.256", "127.1", "0x7f000001": some resolvers take these for addresses, each in its own way.
bool is_numeric(std::string_view name) { return std::ranges::all_of(split(name, '.'), is_number); }

Checked<Host> parse_name(std::string_view text) {
  const auto odd = text.find_first_not_of(kNameCharacters);
  if (odd != std::string_view::npos) {
    // The whole character, should it be several bytes of UTF-8.
    const auto end = std::min(text.find_first_of(kNameCharacters, odd), text.size());
    return no_host("host '" + escape_text(text, 80) + "' holds '" +
                   escape_text(text.substr(odd, end - odd), 16) + "'");
  }
  std::string_view name = text;
  if (name.size() > 1 && name.ends_with('.')) name.remove_suffix(1);  // the root, spelled out
  if (name.size() > kLongestName) {
    return no_host("host name of " + std::to_string(name.size()) + " characters is longer than 253");
  }
  for (const auto label : split(name, '.')) {
    if (label.empty()) return no_host("host '" + escape_text(text) + "' has an empty part between dots");
    if (label.size() > kLongestLabel) return no_host("host name has a part longer than 63 characters");
  }
  if (is_numeric(name))
    return no_host("host '" + escape_text(text) + "' is neither a name nor an IPv4 address");
  return Host{to_lower(text), std::nullopt};
}

Checked<HostPort> join(Checked<Host> host, std::string_view port_text) {
  if (!host) return std::unexpected(host.error());
  const auto port = parse_port(port_text);
  if (!port) return std::unexpected(port.error());
  return HostPort{*std::move(host), *port};
}

Checked<HostPort> alone(Checked<Host> host) {
  if (!host) return std::unexpected(host.error());
  return HostPort{*std::move(host), std::nullopt};
}

Checked<HostPort> parse_bracketed(std::string_view text) {
  const auto close = text.find(']');
  if (close == std::string_view::npos) return no_host("'[' without ']' in '" + escape_text(text) + "'");
  const auto host = parse_host(text.substr(0, close + 1));
  const auto rest = text.substr(close + 1);
  if (rest.empty()) return alone(host);
  if (rest.front() != ':') return no_host("'" + escape_text(rest) + "' follows the ']'");
  return join(host, rest.substr(1));
}

Checked<HostPort> parse_bare_ipv6(std::string_view text) {
  const auto last = text.rfind(':');
  const auto left = text.substr(0, last);
  const auto right = text.substr(last + 1);
  if (is_digits(right) && is_ipv6(left)) return join(parse_host(left), right);
  return alone(parse_host(text));
}

}  // namespace

Checked<std::uint16_t> parse_port(std::string_view text) {
  constexpr auto kAccepted = "a port from 1 to 65535";
  if (text.empty()) return std::unexpected(Complaint{"the port is empty", kAccepted});
  if (!is_digits(text)) {
    return std::unexpected(Complaint{"port '" + escape_text(text, 40) + "' is not a number", kAccepted});
  }
  const auto port = parse_number<std::uint16_t>(text);
  if (port && *port != 0) return *port;
  return std::unexpected(Complaint{"port " + escape_text(text, 40) + " is out of range", kAccepted});
}

Checked<Host> parse_host(std::string_view text) {
  if (text.empty()) return no_host("the host is empty");
  std::string_view inner = text;
  const bool bracketed = text.size() >= 2 && text.front() == '[' && text.back() == ']';
  if (bracketed) inner = text.substr(1, text.size() - 2);
  const bool wants_ipv6 = bracketed || inner.find(':') != std::string_view::npos;
  if (const auto address = parse_ip(inner); address && (!bracketed || is_ipv6(inner)))
    return Host{{}, address};
  if (wants_ipv6) {
    return no_host("'" + escape_text(text, 80) + (bracketed ? "' is not an" : "' is neither a name nor an") +
                   " IPv6 address");
  }
  return parse_name(text);
}

Checked<HostPort> parse_host_port(std::string_view text) {
  if (text.starts_with('[')) return parse_bracketed(text);
  const auto colons = std::ranges::count(text, ':');
  if (colons == 0) return alone(parse_host(text));
  if (colons > 1) return parse_bare_ipv6(text);
  const auto colon = text.find(':');
  return join(parse_host(text.substr(0, colon)), text.substr(colon + 1));
}

}  // namespace amb

// SPDX-License-Identifier: Apache-2.0
//
// Any text as an address, a host, a port, a duration or a path, and any bytes as what the kernel hands out:
// what is accepted is written down and read back as the same value.
#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <optional>

#include "base/text.h"
#include "fuzz/harmless.h"
#include "fuzz/require.h"
#include "fuzz/wiring_oracle.h"
#include "net/compact_address.h"
#include "wiring/duration.h"
#include "wiring/host_port.h"
#include "wiring/listen_address.h"

namespace amb {
namespace {

using test::require;

constexpr std::uint16_t kPort = 6379;

/// What must hold for any IP address, with the first octets as the judge.
void require_consistent(const SocketAddress& address) {
  const std::string text = address.host();
  require(SocketAddress::from_ip(text, address.port()) == address, "an address can be written down", text);
  require(address.unmapped().unmapped() == address.unmapped(), "unmapping ends", text);
  require(address.same_host(address.unmapped()), "mapped or not, it is the same host", text);
  require(address.with_port(kPort).port() == kPort && address.with_port(kPort).same_host(address),
          "another port is the same host", text);
  require(!address.is_loopback() || address.is_private(), "loopback is private", text);
  require(!address.is_link_local() || address.is_private(), "link-local is private", text);
  require(!(address.is_loopback() && address.is_unspecified()), "loopback is an address", text);
  const SocketAddress plain = address.unmapped();
  const std::string whole = plain.host();
  const std::string host = whole.substr(0, whole.find('%'));
  require(address.is_loopback() == (plain.family() == AF_INET ? host.starts_with("127.") : host == "::1"),
          "127/8 and ::1 are loopback", text);
  require(plain.family() != AF_INET || address.is_link_local() == host.starts_with("169.254."),
          "169.254/16 is link-local", text);
  const CompactAddress compact(address);
  require(compact.same_host(CompactAddress(plain)), "a compact address is the same host", text);
}

void require_ip(std::string_view text) {
  const auto address = SocketAddress::from_ip(text, kPort);
  // inet_pton is the judge of everything without a zone.
  const std::string whole(text);
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  const bool valid =
      whole.find('\0') == std::string::npos &&
      (inet_pton(AF_INET, whole.c_str(), &bytes) == 1 || inet_pton(AF_INET6, whole.c_str(), &bytes) == 1);
  require(address.has_value() == valid || (address && text.find('%') != std::string_view::npos),
          "an address is what inet_pton takes", escape_text(text));
  if (address) require_consistent(*address);
}

void require_host_port(std::string_view text) {
  const auto where = parse_host_port(text);
  if (!where) {
    const auto& [what, accepted] = where.error();
    require(!what.empty() && test::is_harmless(what) && !accepted.empty(), "a refusal is told", what);
    return;
  }
  const auto& [host, port] = *where;
  require(host.name.empty() == host.address.has_value(), "a host is a name or an address", text);
  require(to_lower(host.name) == host.name, "names are lower case", host.name);
  require(!port || *port != 0, "port 0 is no port", text);
  const std::string spelled = host.address ? host.address->with_port(port.value_or(kPort)).to_string()
                                           : host.name + ":" + std::to_string(port.value_or(kPort));
  const auto again = parse_host_port(spelled);
  require(again && again->host.name == host.name && again->host.address == host.address &&
              again->port == port.value_or(kPort),
          "a host and port can be written down", spelled);
}

/// What a person reads in a duration; nothing for other units and numbers that are too large to matter.
std::optional<std::chrono::milliseconds> plain_duration(std::string_view text) {
  const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto number = parse_number<std::uint32_t>(text.substr(0, digits));
  const auto unit = text.substr(digits);
  if (!number) return std::nullopt;
  if (unit == "ms") return std::chrono::milliseconds(*number);
  if (unit == "s" || unit.empty()) return std::chrono::seconds(*number);
  if (unit == "m") return std::chrono::minutes(*number);
  if (unit == "h") return std::chrono::hours(*number);
  return std::nullopt;
}

void require_duration(std::string_view text) {
  for (const Zero zero : {Zero::refused, Zero::allowed}) {
    const auto duration = parse_duration(text, zero);
    if (!duration) {
      require(test::is_harmless(duration.error().what), "a refusal is told", duration.error().what);
      continue;
    }
    require(plain_duration(text).value_or(*duration) == *duration, "a duration is what it says", text);
    require(duration->count() >= (zero == Zero::refused ? 1 : 0), "a duration is positive", text);
    require(*duration <= std::chrono::hours(8760), "a duration is at most a year", text);
    const auto again = parse_duration(format_duration(*duration), zero);
    require(again && *again == *duration, "a duration can be written down", format_duration(*duration));
  }
}

void require_path(std::string_view text) {
  if (const auto address = SocketAddress::from_path(text)) {
    require(address->is_unix() && address->path() == text, "a path is kept as it is", escape_text(text));
    require(address->raw_size() <= sizeof(sockaddr_un), "a path fits", escape_text(text));
    require(SocketAddress::from_kernel(address->raw(), address->raw_size()) == *address, "and comes back");
  }
  if (const auto checked = parse_unix_path(text)) {
    const std::string path = checked->path();
    require(test::is_harmless(text), "a checked path is harmless", text);
    require(path.starts_with('/') && path.size() <= 107, "a checked path is absolute and fits", text);
    require(path.find("//") == std::string::npos && (path + "/").find("/./") == std::string::npos,
            "a checked path has one spelling", text);
    require(parse_unix_path(path) == *checked, "and is its own", text);
  }
}

void require_from_kernel(std::string_view bytes) {
  sockaddr_storage storage{};
  std::memcpy(&storage, bytes.data(), std::min(bytes.size(), sizeof storage));
  const auto size = static_cast<socklen_t>(std::min(bytes.size(), sizeof(sockaddr_un)));
  const auto address = SocketAddress::from_kernel(reinterpret_cast<const sockaddr*>(&storage), size);
  require(!address.to_string().empty() && address.raw_size() <= size, "what the kernel says can be shown");
  (void)CompactAddress(address).to_string();
  if (address.is_ip() && address.host().find('%') == std::string::npos) require_consistent(address);
}

}  // namespace
}  // namespace amb

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace amb;
  const std::string_view text = test::as_text(data, size);
  require_ip(text);
  require_host_port(text);
  require_duration(text);
  require_path(text);
  require_from_kernel(text);
  if (const auto port = parse_port(text)) require(*port != 0 && is_digits(text), "a port is a number", text);
  if (const auto listen = parse_listen_address(text, kPort)) {
    const std::string spelled =
        listen->is_unix() ? "unix://" + listen->path() : "tcp://" + listen->to_string();
    const auto again = parse_listen_address(spelled, 1);
    require(again && *again == *listen, "where to listen can be written down", spelled);
  }
  return 0;
}

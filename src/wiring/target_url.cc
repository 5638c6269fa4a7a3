// SPDX-License-Identifier: Apache-2.0
#include "wiring/target_url.h"

#include <algorithm>
#include <functional>
#include <set>

#include "base/text.h"
#include "net/embedded_address.h"
#include "wiring/host_port.h"
#include "wiring/listen_address.h"
#include "wiring/secrets.h"

namespace amb {

namespace {

constexpr auto kAccepted =
    "tcp://host:port, tcp://[IPv6]:port, unix:///path, unix:@name or srv://_service._tcp.name, several "
    "separated by commas";
constexpr auto kService = "srv://_service._tcp.name, such as srv://_redis._tcp.example";

std::unexpected<Complaint> complain(std::string what) {
  return std::unexpected(Complaint{std::move(what), kAccepted});
}

Checked<Target> parse_unix_target(std::string_view part) {
  const auto address = parse_unix_address(part);
  if (!address) return std::unexpected(address.error());
  return Target{.text = format_listen_address(*address),
                .name = {},
                .port = 0,
                .address = address.value(),
                .fallback = {}};
}

Checked<Target> parse_tcp_target(std::string_view text, std::uint16_t default_port) {
  if (text.ends_with('/')) text.remove_suffix(1);
  const auto where = parse_host_port(text);
  if (!where) return std::unexpected(where.error());
  const auto& address = where->host.address;
  if (address && (address->is_link_local() || reaches_ipv4_link_local(*address))) {
    return complain("link-local addresses such as " + address->host() + " are refused");
  }
  const std::uint16_t port = where->port.value_or(default_port);
  if (port == 0) return complain("'" + escape_text(text, 80) + "' says no port");
  return make_target(where->host.name, address, port);
}

/// RFC 2782: the records of a service say hosts and ports, in the order in which they want to be tried.
Checked<Target> parse_service(std::string_view text) {
  if (text.ends_with('/')) text.remove_suffix(1);
  const auto where = parse_host_port(text);
  if (!where) return std::unexpected(Complaint{where.error().what, kService});
  const auto complain_of = [text](std::string_view what) {
    return std::unexpected(Complaint{"'" + escape_text(text, 80) + "' " + std::string(what), kService});
  };
  if (where->port) return complain_of("says a port, but those of a service are in its records");
  if (where->host.address) return complain_of("is an address, not the name of a service");
  const auto labels = split(where->host.name, '.');
  const auto is_underscored = [](std::string_view label) { return label.size() > 1 && label.front() == '_'; };
  if (labels.size() < 3 || labels[2].empty() || !is_underscored(labels[0]) || !is_underscored(labels[1]))
    return complain_of("is not the name of a service");
  if (labels[1] != "_tcp") return complain_of("is not a service over TCP");
  Target target;
  target.text = "srv://" + where->host.name;
  target.name = where->host.name;
  target.is_service = true;
  return target;
}

Checked<Target> parse_target(std::string_view text, std::uint16_t default_port) {
  if (text.empty()) return complain("a target is empty");
  if (const auto part = unix_part(text)) return parse_unix_target(*part);
  const auto separator = text.find("://");
  if (separator == std::string_view::npos) return parse_tcp_target(text, default_port);
  const std::string scheme = to_lower(text.substr(0, separator));
  const auto rest = text.substr(separator + 3);
  if (scheme == "tcp") return parse_tcp_target(rest, default_port);
  if (scheme == "srv") return parse_service(rest);
  if (scheme == "udp" || scheme == "sctp")
    return complain("the name says TCP but the value says " + to_upper(scheme));
  return complain("scheme '" + escape_text(scheme, 40) + "' is not supported");
}

}  // namespace

Target make_target(const std::string& name, const std::optional<SocketAddress>& address, std::uint16_t port) {
  Target target;
  target.port = port;
  if (address) target.address = address->with_port(port);
  target.name = address ? std::string() : name;
  target.text = "tcp://" + (address ? target.address->to_string() : name + ":" + std::to_string(port));
  return target;
}

std::size_t count_targets(std::string_view value) {
  return value.empty() ? 0 : 1 + static_cast<std::size_t>(std::ranges::count(value, ','));
}

Complaint too_many_targets(std::size_t count) {
  return {"there are " + std::to_string(count) + " targets",
          "at most " + std::to_string(kMostTargets) + " targets of one link"};
}

TargetList parse_targets(std::string_view value, std::uint16_t default_port, Complaints& complaints) {
  TargetList result;
  if (value.empty()) {
    complaints.push_back({"the value is empty", kAccepted});
    return result;
  }
  if (has_user(value)) {
    complaints.push_back({"a target names a user or a password, which is not shown",
                          "targets without a user; a check logs in with health_user and health_password"});
    return result;
  }
  const std::size_t count = count_targets(value);
  if (count > kMostTargets) complaints.push_back(too_many_targets(count));
  std::set<std::string, std::less<>> known;
  bool is_behind_secret = false;  // a password may go on behind a ','
  for (std::size_t i = 0; i < std::min(count, kMostTargets); ++i) {
    const auto part = value.substr(0, value.find(','));
    value.remove_prefix(std::min(part.size() + 1, value.size()));
    if (is_behind_secret && !begins_target(part)) {
      complaints.push_back(
          {"what stands behind the ',' after a password is not shown",
           "a ',' within a password as %2C; the next target with its scheme, tcp://host:port"});
      continue;
    }
    const auto question = part.find('?');
    is_behind_secret = question != std::string_view::npos && mask_secrets(part) != part;
    if (question != std::string_view::npos) result.queries.emplace_back(part.substr(question + 1));
    // Where the '?' is missing, a password stands in the place of a port.
    const auto target = parse_target(mask_secrets(part.substr(0, question)), default_port);
    if (!target) {
      complaints.push_back(target.error());
    } else if (known.insert(target->text).second) {
      result.targets.push_back(*target);
    }
  }
  return result;
}

}  // namespace amb

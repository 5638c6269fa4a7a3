// SPDX-License-Identifier: Apache-2.0
#include "wiring/port_list.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "wiring/host_port.h"
#include "wiring/secrets.h"

namespace amb {

namespace {

struct NamedPort {
  std::string alias;  ///< Lower case; empty for a port of every entry.
  std::uint16_t port = 0;
};

/// "5432" or "postgres:5432".
Checked<NamedPort> parse_part(std::string_view part) {
  const auto colon = part.rfind(':');
  const auto port = parse_port(colon == std::string_view::npos ? part : part.substr(colon + 1));
  if (!port) return std::unexpected(port.error());
  if (colon == std::string_view::npos) return NamedPort{{}, *port};
  const auto host = parse_host(part.substr(0, colon));
  if (!host) return std::unexpected(host.error());
  if (host->address)
    return std::unexpected(Complaint{"'" + escape_text(part) + "' names an address", "an alias"});
  return NamedPort{host->name, *port};
}

}  // namespace

const std::vector<std::uint16_t>& PortList::ports_of(std::string_view alias) const {
  const auto own = named.find(alias);
  return own == named.end() ? for_all : own->second;
}

PortList parse_port_list(std::string_view text, Problems& problems) {
  PortList list;
  list.text = shown_value(text);
  const auto complain = [&](std::string what, std::string accepted) {
    problems.push_back(
        {{Origin::Kind::variable, "AMBASSADOR_PORTS"}, list.text, std::move(what), std::move(accepted)});
  };
  const auto parts = split(text, ',');
  if (parts.size() > kMostPorts) {
    complain("there are " + std::to_string(parts.size()) + " ports",
             "at most " + std::to_string(kMostPorts) + " ports");
    return list;
  }
  for (const auto part : parts) {
    const auto parsed = parse_part(trim(part));
    if (!parsed) {
      complain(parsed.error().what,
               "5432 or 5432,5433 for every entry of the hosts file, or postgres:5432,redis:6379");
      continue;
    }
    auto& ports = parsed->alias.empty() ? list.for_all : list.named[parsed->alias];
    if (std::ranges::find(ports, parsed->port) == ports.end()) ports.push_back(parsed->port);
  }
  return list;
}

}  // namespace amb

// SPDX-License-Identifier: Apache-2.0
#include "wiring/port_list.h"

#include <algorithm>

#include "base/text.h"
#include "wiring/host_port.h"

namespace amb {

namespace {

/// "5432" or "postgres:5432".
Checked<PortList::Named> parse_part(std::string_view part) {
  const auto colon = part.rfind(':');
  const auto port = parse_port(colon == std::string_view::npos ? part : part.substr(colon + 1));
  if (!port) return std::unexpected(port.error());
  if (colon == std::string_view::npos) return PortList::Named{{}, *port};
  const auto host = parse_host(part.substr(0, colon));
  if (!host) return std::unexpected(host.error());
  if (host->address)
    return std::unexpected(Complaint{"'" + escape_text(part) + "' names an address", "an alias"});
  return PortList::Named{host->name, *port};
}

}  // namespace

std::vector<std::uint16_t> PortList::ports_of(std::string_view alias) const {
  if (!names(alias)) return for_all;
  std::vector<std::uint16_t> ports;
  for (const auto& one : named) {
    if (equals_ignoring_case(one.alias, alias)) ports.push_back(one.port);
  }
  return ports;
}

bool PortList::names(std::string_view alias) const {
  return std::ranges::any_of(named,
                             [alias](const Named& one) { return equals_ignoring_case(one.alias, alias); });
}

PortList parse_port_list(std::string_view text, std::vector<Problem>& problems) {
  PortList list;
  list.text = text;
  for (const auto part : split(text, ',')) {
    const auto parsed = parse_part(trim(part));
    if (!parsed) {
      problems.push_back(
          {{Origin::Kind::variable, "AMBASSADOR_PORTS"},
           std::string(text),
           parsed.error().what,
           "5432 or 5432,5433 for every entry of the hosts file, or postgres:5432,redis:6379"});
    } else if (!parsed->alias.empty()) {
      list.named.push_back(*parsed);
    } else if (std::ranges::find(list.for_all, parsed->port) == list.for_all.end()) {
      list.for_all.push_back(parsed->port);
    }
  }
  return list;
}

}  // namespace amb

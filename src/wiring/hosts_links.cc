// SPDX-License-Identifier: Apache-2.0
#include "wiring/hosts_links.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "base/text.h"
#include "net/embedded_address.h"
#include "wiring/host_port.h"
#include "wiring/listen_address.h"
#include "wiring/listener_index.h"
#include "wiring/target_url.h"
#include "wiring/well_known_ports.h"

namespace amb {

namespace {

/// Names that engines write into every container; nobody linked them.
constexpr std::array<std::string_view, 5> kEngineNames = {
    "host.docker.internal", "gateway.docker.internal", "kubernetes.docker.internal",
    "host.containers.internal", "host.containers.docker.internal"};

bool is_multicast_prefix(const SocketAddress& address) {
  return address.family() == AF_INET6 && address.host().starts_with("ff");
}

/// What every hosts file has: localhost, and the ip6-* lines of Debian and Docker ("fe00::0 ip6-localnet").
bool is_boilerplate(const HostsEntry& entry) {
  return is_multicast_prefix(entry.address) || entry.address.host() == "fe00::" ||
         entry.names.front().starts_with("ip6-");
}

/// Lines of one host that are told with each of its links; thousands would be with thousands of links.
constexpr std::size_t kMostLines = 64;

std::string text_of(const HostsEntry& entry) {
  std::string text = entry.address.host();
  for (const auto& name : entry.names) text += " " + name;
  return text;
}

/// Walks the entries once and remembers which aliases it has met.
class HostsLinks {
 public:
  HostsLinks(const WiringInput& input, const PortList& ports, Findings& findings, std::vector<Draft>& drafts)
      : input_(input), ports_(ports), findings_(findings), drafts_(drafts) {
    for (const SocketAddress& own : input.own_addresses) own_hosts_.insert(host_key(own));
  }

  void read(const HostsEntry& entry) {
    const Origin origin{Origin::Kind::hosts_file, input_.hosts_path + ":" + std::to_string(entry.line)};
    if (drafts_.size() > kMostWiringLinks) return;  // that is told, and more of them would not be
    if (const auto why = why_no_other_host(entry); !why.empty())
      return pass_over(origin, entry, std::string(why));
    const std::string alias = to_lower(entry.names.front());
    if (const auto* known = find_link(entry, alias)) return join(origin, entry, *known);
    auto& drafts = by_alias_[alias];
    if (auto why = why_not(entry, alias); !why.empty()) return pass_over(origin, entry, std::move(why));
    for (const auto port : ports_of(alias, origin)) drafts.push_back(add(origin, entry, alias, port));
    by_address_.try_emplace(entry.address.host(), drafts);
  }

  /// What no line could tell alone.
  void finish() {
    if (passed_over_ > kMostTold) {
      ignore({Origin::Kind::hosts_file, input_.hosts_path}, {},
             std::to_string(passed_over_ - kMostTold) + " more lines are passed over", findings_);
    }
    for (const auto& [alias, ports] : ports_.named) {
      if (by_alias_.contains(alias)) continue;
      findings_.problems.push_back({{Origin::Kind::variable, "AMBASSADOR_PORTS"},
                                    ports_.text,
                                    "'" + alias + "' is no linked host in " + input_.hosts_path,
                                    "the first name of an entry that is neither loopback nor this host"});
    }
  }

 private:
  /// Some hosts files have a hundred thousand lines, to block names: the first of them are listed.
  void pass_over(const Origin& origin, const HostsEntry& entry, std::string why) {
    if (++passed_over_ <= kMostTold) ignore(origin, text_of(entry), std::move(why), findings_);
  }

  /// Our own lines are known by their address: a linked host may have been given our name.
  std::string_view why_no_other_host(const HostsEntry& entry) const {
    if (entry.address.is_loopback() || entry.address.is_unspecified()) return "a loopback address";
    if (is_boilerplate(entry)) return "in every hosts file";
    return own_hosts_.contains(host_key(entry.address)) ? "an address of this host" : "";
  }

  /// The drafts that this entry belongs to: those of its alias, or of another alias of the same container.
  const std::vector<std::size_t>* find_link(const HostsEntry& entry, const std::string& alias) const {
    if (const auto same_name = by_alias_.find(alias); same_name != by_alias_.end()) {
      return same_name->second.empty() ? nullptr : &same_name->second;
    }
    const auto same_address = by_address_.find(entry.address.host());
    return same_address == by_address_.end() || ports_.names(alias) ? nullptr : &same_address->second;
  }

  std::string why_not(const HostsEntry& entry, const std::string& alias) const {
    if (entry.address.is_link_local() || reaches_ipv4_link_local(entry.address))
      return "link-local addresses are refused";
    const auto host = parse_host(alias);
    if (!host || host->address) return "its first name cannot be resolved";
    const bool by_engine = std::ranges::find(kEngineNames, alias) != kEngineNames.end();
    if (by_engine && !ports_.names(alias)) return "written by the container engine, not by a link";
    const bool has_port = !ports_.ports_of(alias).empty() || !well_known_ports(alias).empty();
    return has_port ? "" : "no port is known for '" + alias + "'; AMBASSADOR_PORTS can say it";
  }

  std::vector<std::uint16_t> ports_of(const std::string& alias, const Origin& origin) const {
    if (const auto& ports = ports_.ports_of(alias); !ports.empty()) return ports;
    const auto known = well_known_ports(alias);
    std::string list;
    for (const auto port : known) list += (list.empty() ? "" : ", ") + std::to_string(port);
    if (!known.empty()) {
      findings_.notes.push_back(alias + ": " + (known.size() == 1 ? "port " : "ports ") + list +
                                " by the table of well-known ports, for the alias in " + origin.name +
                                "; AMBASSADOR_PORTS can say otherwise");
    }
    return {known.begin(), known.end()};
  }

  /// Gives back the draft's place.
  std::size_t add(const Origin& origin, const HostsEntry& entry, const std::string& alias,
                  std::uint16_t port) {
    Target target = make_target(alias, std::nullopt, port);
    target.fallback = entry.address.with_port(port);
    add_draft({.name = alias,
               .listen = {any_address(port)},
               .targets = {std::move(target)},
               .options = {},
               .origins = {origin}},
              text_of(entry), {}, findings_, drafts_);
    return drafts_.size() - 1;
  }

  /// A second address of an alias, or a second alias of an address: the first name stands for both.
  void join(const Origin& origin, const HostsEntry& entry, const std::vector<std::size_t>& drafts) {
    if (drafts_[drafts.front()].link.origins.size() >= kMostLines)
      return pass_over(origin, entry, "so many lines of one host are enough; its name has all addresses");
    for (const auto place : drafts) {
      Draft& draft = drafts_[place];
      draft.candidates.push_back(findings_.candidates.size());
      findings_.candidates.push_back({origin, text_of(entry), Candidate::Fate::merged, draft.link.name,
                                      "another line of the same host"});
      draft.link.origins.push_back(origin);
    }
  }

  const WiringInput& input_;
  std::set<std::string> own_hosts_;
  std::size_t passed_over_ = 0;
  const PortList& ports_;
  Findings& findings_;
  std::vector<Draft>& drafts_;
  std::map<std::string, std::vector<std::size_t>> by_alias_;  ///< Places in drafts_; empty for ignored ones.
  std::map<std::string, std::vector<std::size_t>> by_address_;  ///< Only of entries that became links.
};

}  // namespace

void read_hosts_links(const WiringInput& input, const std::vector<HostsEntry>& entries, const PortList& ports,
                      Findings& findings, std::vector<Draft>& drafts) {
  HostsLinks links(input, ports, findings, drafts);
  for (const auto& entry : entries) links.read(entry);
  links.finish();
}

}  // namespace amb

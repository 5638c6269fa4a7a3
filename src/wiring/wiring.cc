// SPDX-License-Identifier: Apache-2.0
//
// The order in which sources are asked, and what is said when none of them gives a link.
#include "wiring/wiring.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <string>

#include "base/text.h"
#include "wiring/arguments.h"
#include "wiring/config_file.h"
#include "wiring/environment.h"
#include "wiring/hosts_file.h"
#include "wiring/hosts_links.h"
#include "wiring/merge.h"
#include "wiring/self_loop.h"
#include "wiring/target_url.h"
#include "wiring/variables.h"

namespace amb {

namespace {

constexpr auto kOnlyHostPort = "HOST PORT was given, and then only that counts";

/// Docker's variables hold an address that is stale once the linked container restarts, while its line in the
/// hosts file is kept up to date: dial the alias, and the address only while the alias has no answer.
void follow_alias(Draft& draft, const Environment& environment, const std::set<std::string>& host_names) {
  if (draft.link.origins.front().kind != Origin::Kind::variable || draft.link.targets.size() != 1) return;
  Target& target = draft.link.targets.front();
  if (!target.address || target.address->is_unix()) return;
  for (const auto& name : draft.names) {
    const auto alias = environment.alias_of(name.prefix);
    if (!alias || !host_names.contains(to_lower(*alias))) continue;
    // A value that differs from its _ADDR was set by hand to lead elsewhere.
    if (!environment.agrees_with_addr(name, target.address->host()).value_or(true)) continue;
    const auto address = target.address;
    target = make_target(to_lower(*alias), std::nullopt, target.port);
    target.fallback = address;
    return;
  }
}

std::set<std::string> names_of(const std::vector<HostsEntry>& hosts) {
  std::set<std::string> names;
  for (const HostsEntry& entry : hosts) {
    for (const auto& name : entry.names) names.insert(to_lower(name));
  }
  return names;
}

void refuse_too_many(std::vector<Draft>& drafts, Findings& findings) {
  if (drafts.size() <= kMostWiringLinks) return;
  const Draft& draft = drafts[kMostWiringLinks];
  findings.problems.push_back({draft.link.origins.front(), draft.value,
                               "there are " + std::to_string(drafts.size()) + " links",
                               "at most " + std::to_string(kMostWiringLinks) + " links"});
  drafts.resize(kMostWiringLinks);
}

std::size_t count_ignored(const Findings& findings, std::string_view why) {
  return static_cast<std::size_t>(std::ranges::count(findings.candidates, why, &Candidate::why));
}

void report_unsupported(std::size_t udp, std::size_t sctp, Findings& findings) {
  const std::string words = udp == 0 ? "SCTP is not supported" : "UDP is not supported yet";
  findings.problems.push_back({whole_environment(),
                               {},
                               "nothing but " + std::to_string(udp + sctp) + " link" +
                                   (udp + sctp == 1 ? "" : "s") + " of other protocols was found, and " +
                                   words,
                               "at least one link over TCP: NAME_PORT_<port>_TCP=tcp://host:port"});
}

/// What it would say is not known, and that is not the same as that it says nothing.
void report_unread_hosts(const WiringInput& input, Findings& findings) {
  findings.problems.push_back({{Origin::Kind::hosts_file, input.hosts_path},
                               {},
                               "the hosts file cannot be read: " + escape_text(input.hosts_error),
                               "a file that can be read, of at most 16 MiB"});
}

/// Whether an alias of Docker's variables may stand in the hosts file.
bool has_alias(const Environment& environment, const Draft& draft) {
  return draft.link.origins.front().kind == Origin::Kind::variable &&
         std::ranges::any_of(draft.names, [&](const LinkName& name) {
           return environment.alias_of(name.prefix).has_value();
         });
}

void follow_aliases(const WiringInput& input, const Environment& environment, std::vector<Draft>& drafts,
                    Findings& findings) {
  if (!input.hosts_error.empty()) return report_unread_hosts(input, findings);
  const auto host_names = names_of(parse_hosts(input.hosts_text));
  for (Draft& draft : drafts) follow_alias(draft, environment, host_names);
}

void report_no_link(const WiringInput& input, Findings& findings) {
  findings.problems.push_back(
      {whole_environment(),
       {},
       "no link was found: no argument, " +
           (input.config ? "no table [links.NAME] in " + escape_text(input.config->path)
                         : "no file of links") +
           ", no variable NAME_PORT_<port>_TCP, and no linked host with a known port in " + input.hosts_path +
           ". Docker 29 and later set no link variables unless the daemon runs with "
           "DOCKER_KEEP_DEPRECATED_LEGACY_LINKS_ENV_VARS=1",
       "arguments HOST PORT, a variable NAME_PORT_<port>_TCP=tcp://host:port, --config FILE, or --link with "
       "AMBASSADOR_PORTS=<port> or <alias>:<port>,..."});
}

/// Of each source a draft stays unless an earlier one claims its port.
void add_source(std::vector<Draft> later, Findings& findings, std::vector<Draft>& drafts) {
  yield_to_earlier(drafts, later, findings);
  std::ranges::move(later, std::back_inserter(drafts));
}

/// HOST PORT replaces a file like the variables, unless the file, too, was asked for on the command line.
void add_config_file(const ConfigText& config, ArgumentForm arguments, Findings& findings,
                     std::vector<Draft>& drafts) {
  if (arguments == ArgumentForm::host_port && config.from != ConfigText::From::option)
    return ignore_config_file(config, kOnlyHostPort, findings);
  std::vector<Draft> links;
  read_config_file(config, findings, links);
  add_source(std::move(links), findings, drafts);
}

/// Asks for links where nothing explicit gave one.
void fall_back(const WiringInput& input, const Environment& environment, const PortList& ports,
               Findings& findings, std::vector<Draft>& drafts) {
  const auto udp = count_ignored(findings, kUdpWhy);
  const auto sctp = count_ignored(findings, kSctpWhy);
  if (udp + sctp > 0) return report_unsupported(udp, sctp, findings);
  if (!environment.in_kubernetes()) {
    if (!input.hosts_error.empty()) return report_unread_hosts(input, findings);
    read_hosts_links(input, parse_hosts(input.hosts_text), ports, findings, drafts);
  }
  if (drafts.empty() && findings.problems.empty()) report_no_link(input, findings);
}

}  // namespace

Findings find_wiring(const WiringInput& input) {
  Findings findings;
  const Environment environment(input.environment);
  std::vector<Draft> drafts;
  const ArgumentForm arguments = read_arguments(input.arguments, findings, drafts);
  if (input.config) add_config_file(*input.config, arguments, findings, drafts);
  if (arguments == ArgumentForm::host_port) {
    ignore_variables(environment, kOnlyHostPort, findings);
  } else {
    std::vector<Draft> variables;
    PortList ports;
    if (const auto text = environment.setting("AMBASSADOR_PORTS"))
      ports = parse_port_list(*text, findings.problems);
    read_variables(environment, drafts.empty() ? Demand::needed : Demand::optional, findings, variables);
    add_source(std::move(variables), findings, drafts);
    if (drafts.empty() && findings.problems.empty()) {
      fall_back(input, environment, ports, findings, drafts);
    } else if (!ports.text.empty()) {
      findings.notes.push_back(
          "AMBASSADOR_PORTS is not used: it is for links that only the hosts file knows");
    }
  }

  drafts = merge_drafts(std::move(drafts), findings);
  refuse_too_many(drafts, findings);
  tell_apart(drafts, findings);
  refuse_self_loops(drafts, input, findings);
  if (std::ranges::any_of(drafts, [&](const Draft& draft) { return has_alias(environment, draft); }))
    follow_aliases(input, environment, drafts, findings);
  for (auto& draft : drafts) findings.links.push_back(std::move(draft.link));
  return findings;
}

std::vector<Problem> listed(const Problems& problems) {
  std::vector<Problem> list(problems.begin(), problems.end());
  if (problems.left_out() > 0) {
    list.push_back({{Origin::Kind::implied, "not listed"},
                    {},
                    "and " + std::to_string(problems.left_out()) + " more problems",
                    "what is told above, once it is corrected"});
  }
  return list;
}

std::string to_string(const Origin& origin) {
  const bool named = origin.kind == Origin::Kind::variable && origin.name != whole_environment().name;
  return named ? "variable " + origin.name : origin.name;
}

}  // namespace amb

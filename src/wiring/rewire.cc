// SPDX-License-Identifier: Apache-2.0
#include "wiring/rewire.h"

#include <algorithm>
#include <utility>

#include "wiring/option_reader.h"
#include "wiring/secrets.h"
#include "wiring/self_loop.h"
#include "wiring/target_url.h"

namespace amb {

namespace {

Origin rewire_origin() { return {Origin::Kind::command, "rewire"}; }

std::uint16_t port_of(const Link& link) {
  const auto with_port = std::ranges::find_if(link.listen, &SocketAddress::is_ip);
  return with_port == link.listen.end() ? std::uint16_t{0} : with_port->port();
}

void refuse_listen(const OptionValues& values, std::vector<Complaint>& complaints) {
  for (const std::string_view option : {"listen", "mode", "owner", "group"}) {
    if (std::ranges::count(values.given, option, &GivenOption::name) == 0) continue;
    complaints.push_back(
        {"option " + std::string(option) + ": a rewire changes where a link leads, not where it listens",
         "targets and other options"});
  }
}

/// What the rewire said is from there now, what it did not is as it was.
std::vector<GivenOption> merge_given(const std::vector<GivenOption>& before, std::vector<GivenOption> now) {
  for (const GivenOption& given : before) {
    if (std::ranges::count(now, given.name, &GivenOption::name) == 0) now.push_back(given);
  }
  std::ranges::sort(now, {}, [](const GivenOption& given) { return find_option(given.name); });
  return now;
}

std::vector<Problem> find_self_loops(std::span<const Link> links, std::size_t place, const Link& rewired,
                                     const std::string& value, const WiringInput& host) {
  std::vector<Draft> drafts;
  for (const Link& link : links) {
    drafts.push_back({.link = link, .value = {}, .names = {}, .candidates = {}});
    drafts.back().link.targets.clear();  // where others lead is not in question
  }
  drafts[place].link.targets = rewired.targets;
  drafts[place].value = value;
  Findings findings;
  refuse_self_loops(drafts, host, findings);
  for (Problem& problem : findings.problems) problem.origin = rewire_origin();
  return std::move(findings.problems);
}

}  // namespace

std::expected<Link, std::vector<Problem>> rewire_link(const Link& declared, std::span<const std::string> urls,
                                                      std::span<const Link> links, std::size_t place,
                                                      const WiringInput& host) {
  std::string value;
  for (const std::string& url : urls) value += (value.empty() ? "" : ",") + url;
  std::vector<Complaint> complaints;
  TargetList list = parse_targets(value, port_of(declared), complaints);
  OptionReader reader(port_of(declared), declared.options);
  reader.listens_at(declared.listen);
  for (const std::string& query : list.queries) {
    if (!query.empty()) reader.read_query(query, rewire_origin(), complaints);
  }
  std::vector<OptionComplaint> together;
  OptionValues values = reader.finish(list.targets, together);
  for (OptionComplaint& found : together) complaints.push_back(std::move(found.complaint));
  refuse_listen(values, complaints);

  std::vector<Problem> problems;
  for (Complaint& complaint : complaints) {
    problems.push_back(
        {rewire_origin(), mask_secrets(value), std::move(complaint.what), std::move(complaint.accepted)});
  }
  if (!problems.empty()) return std::unexpected(std::move(problems));

  Link link = declared;
  link.targets = std::move(list.targets);
  link.options = std::move(values.options);
  link.given = merge_given(declared.given, std::move(values.given));
  problems = find_self_loops(links, place, link, mask_secrets(value), host);
  if (!problems.empty()) return std::unexpected(std::move(problems));
  return link;
}

}  // namespace amb

// SPDX-License-Identifier: Apache-2.0
#include "wiring/draft.h"

#include <utility>

#include "base/text.h"
#include "wiring/host_port.h"
#include "wiring/listen_address.h"
#include "wiring/option_reader.h"
#include "wiring/secrets.h"
#include "wiring/target_url.h"

namespace amb {

namespace {

void ignore_protocol(const Origin& origin, Protocol protocol, std::string_view value, Findings& findings) {
  const std::string why(protocol == Protocol::udp ? kUdpWhy : kSctpWhy);
  findings.notes.push_back(escape_text(origin.name) + " is ignored, " + why);
  ignore(origin, value, why, findings);
}

OptionValues read_options(const TargetList& list, const Origin& origin, std::uint16_t link_port,
                          Complaints& complaints) {
  OptionReader reader(link_port);
  const SocketAddress unless_told = any_address(link_port);
  reader.listens_at({&unless_told, 1});
  for (const auto& query : list.queries) {
    if (!query.empty()) reader.read_query(query, origin, complaints);
  }
  std::vector<OptionComplaint> together;
  OptionValues values = reader.finish(list.targets, together);
  for (auto& found : together) complaints.push_back(std::move(found.complaint));
  return values;
}

}  // namespace

void read_link(const Origin& origin, const LinkName& name, std::string_view value, Findings& findings,
               std::vector<Draft>& drafts) {
  value = trim(value);
  if (name.protocol != Protocol::tcp) return ignore_protocol(origin, name.protocol, value, findings);
  Complaints complaints(findings.problems.room());
  if (name.prefix.empty())
    complaints.push_back({"no name stands before _PORT_", "NAME_PORT_<port>_TCP=tcp://host:port"});
  if (name.prefix.size() > kLongestPrefix) {
    complaints.push_back({"the name has " + std::to_string(name.prefix.size()) + " bytes",
                          "at most " + std::to_string(kLongestPrefix) + " bytes before _PORT_"});
  }
  const auto port = parse_port(name.digits);
  if (!port) complaints.push_back({port.error().what + " in the name", port.error().accepted});

  // Port 1 stands in for a wrong one, so that the mistakes of the value are told in the same go.
  TargetList list = parse_targets(value, port.value_or(1), complaints);
  OptionValues values = read_options(list, origin, port.value_or(1), complaints);
  if (!complaints.empty()) return reject(origin, value, complaints, findings);

  if (values.listen.empty()) values.listen.push_back(any_address(*port));
  add_draft({.name = escape_text(to_lower(name.prefix), 64),
             .listen = std::move(values.listen),
             .targets = std::move(list.targets),
             .options = std::move(values.options),
             .given = std::move(values.given),
             .origins = {origin}},
            std::string(value), {name}, findings, drafts);
}

void add_draft(Link link, std::string value, std::vector<LinkName> names, Findings& findings,
               std::vector<Draft>& drafts) {
  const std::size_t candidate = findings.candidates.size();
  value = shown_value(value);
  findings.candidates.push_back({link.origins.front(), value, Candidate::Fate::link, link.name, {}});
  drafts.push_back({std::move(link), std::move(value), std::move(names), {candidate}});
}

void reject(const Origin& origin, std::string_view value, const Complaints& complaints, Findings& findings) {
  const std::string shown = shown_value(value);
  for (const auto& complaint : complaints)
    findings.problems.push_back({origin, shown, complaint.what, complaint.accepted});
  findings.problems.leave_out(complaints.left_out());
  findings.candidates.push_back({origin, shown, Candidate::Fate::problem, {}, join_problems(complaints)});
}

void reject(const Origin& origin, std::string_view value, Complaint complaint, Findings& findings) {
  Complaints complaints(findings.problems.room());
  complaints.push_back(std::move(complaint));
  reject(origin, value, complaints, findings);
}

void ignore(const Origin& origin, std::string_view value, std::string why, Findings& findings) {
  findings.candidates.push_back({origin, shown_value(value), Candidate::Fate::ignored, {}, std::move(why)});
}

}  // namespace amb

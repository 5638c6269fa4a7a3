// SPDX-License-Identifier: Apache-2.0
#include "wiring/draft.h"

#include <utility>

#include "base/text.h"
#include "wiring/host_port.h"
#include "wiring/listen_address.h"
#include "wiring/options.h"
#include "wiring/target_url.h"

namespace amb {

namespace {

void ignore_protocol(const Origin& origin, Protocol protocol, std::string_view value, Findings& findings) {
  const std::string why(protocol == Protocol::udp ? kUdpWhy : kSctpWhy);
  findings.notes.push_back(escape_text(origin.name) + " is ignored, " + why);
  ignore(origin, value, why, findings);
}

}  // namespace

void read_link(const Origin& origin, const LinkName& name, std::string_view value, Findings& findings,
               std::vector<Draft>& drafts) {
  if (name.protocol != Protocol::tcp) return ignore_protocol(origin, name.protocol, value, findings);
  std::vector<Complaint> complaints;
  if (name.prefix.empty())
    complaints.push_back({"no name stands before _PORT_", "NAME_PORT_<port>_TCP=tcp://host:port"});
  const auto port = parse_port(name.digits);
  if (!port) complaints.push_back({port.error().what + " in the name", port.error().accepted});

  // Port 1 stands in for a wrong one, so that the mistakes of the value are told in the same go.
  TargetList list = parse_targets(value, port.value_or(1), complaints);
  OptionValues values = read_options(list.queries, port.value_or(1), complaints);
  if (!complaints.empty()) return reject(origin, value, complaints, findings);

  if (values.listen.empty()) values.listen.push_back(any_address(*port));
  add_draft({.name = escape_text(to_lower(name.prefix), 64),
             .listen = std::move(values.listen),
             .targets = std::move(list.targets),
             .options = values.options,
             .origins = {origin}},
            std::string(value), {name}, findings, drafts);
}

void add_draft(Link link, std::string value, std::vector<LinkName> names, Findings& findings,
               std::vector<Draft>& drafts) {
  const std::size_t candidate = findings.candidates.size();
  findings.candidates.push_back({link.origins.front(), value, Candidate::Fate::link, link.name, {}});
  drafts.push_back({std::move(link), std::move(value), std::move(names), {candidate}});
}

void reject(const Origin& origin, std::string_view value, const std::vector<Complaint>& complaints,
            Findings& findings) {
  std::string why;
  for (const auto& complaint : complaints) {
    findings.problems.push_back({origin, std::string(value), complaint.what, complaint.accepted});
    why += (why.empty() ? "" : "; ") + complaint.what;
  }
  findings.candidates.push_back({origin, std::string(value), Candidate::Fate::problem, {}, std::move(why)});
}

void ignore(const Origin& origin, std::string_view value, std::string why, Findings& findings) {
  findings.candidates.push_back({origin, std::string(value), Candidate::Fate::ignored, {}, std::move(why)});
}

}  // namespace amb

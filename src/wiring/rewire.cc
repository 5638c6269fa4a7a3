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

void refuse_listen(const OptionValues& values, Complaints& complaints) {
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

Problems problems_of(const Complaints& complaints, std::string_view value) {
  const std::string shown = shown_value(value);
  Problems problems;
  for (const Complaint& complaint : complaints)
    problems.push_back({rewire_origin(), shown, complaint.what, complaint.accepted});
  problems.leave_out(complaints.left_out());
  return problems;
}

}  // namespace

std::expected<Link, Problems> rewire_link(const Link& declared, std::span<const std::string> urls,
                                          const ListenerIndex& listeners) {
  std::string value;
  for (const std::string& url : urls) value += (value.empty() ? "" : ",") + url;
  Complaints complaints;
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
  if (complaints.empty()) {  // a wrong value leads nowhere yet
    for (const Target& target : list.targets) {
      if (auto loop = complain_of_loop(target, listeners)) complaints.push_back(*std::move(loop));
    }
  }
  if (!complaints.empty()) return std::unexpected(problems_of(complaints, value));

  Link link = declared;
  link.targets = std::move(list.targets);
  link.options = std::move(values.options);
  link.given = merge_given(declared.given, std::move(values.given));
  return link;
}

}  // namespace amb

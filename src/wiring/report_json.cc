// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <boost/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "wiring/listen_address.h"
#include "wiring/options.h"
#include "wiring/render_each.h"
#include "wiring/report.h"

namespace amb {

namespace {

namespace json = boost::json;

json::value from_origin(const Origin& origin) { return json::string(escape_text(to_string(origin))); }

json::value from_target(const Target& target) {
  json::object object{{"url", escape_text(target.text)}};
  if (!target.name.empty()) object["name"] = escape_text(target.name);
  if (target.address) object["address"] = format_listen_address(*target.address);
  if (target.fallback) object["fallback"] = target.fallback->to_string();
  return object;
}

/// All of them: who reads this by program wants no table of defaults. Where it listens is told beside them.
json::object from_options(const Link& link) {
  json::object object;
  for (const auto& option : option_table()) {
    if (option.repeatable) continue;
    object[option.name] =
        json::object{{"value", option.show(link.options)}, {"from", origin_of_option(link, option.name)}};
  }
  return object;
}

json::value from_link(const Link& link) {
  return json::object{
      {"name", link.name},
      {"listen",
       render_each(link.listen, [](const auto& a) { return json::string(format_listen_address(a)); })},
      {"targets", render_each(link.targets, from_target)},
      {"options", from_options(link)},
      {"from", render_each(link.origins, from_origin)}};
}

json::value from_candidate(const Candidate& candidate) {
  json::object object{{"from", from_origin(candidate.origin)},
                      {"value", escape_text(candidate.value)},
                      {"fate", to_string(candidate.fate)}};
  if (!candidate.link.empty()) object["link"] = candidate.link;
  if (!candidate.why.empty()) object["why"] = candidate.why;
  return object;
}

json::value from_problem(const Problem& problem) {
  return json::object{{"from", from_origin(problem.origin)},
                      {"value", escape_text(problem.value)},
                      {"problem", problem.what},
                      {"accepted", problem.accepted}};
}

/// One item at a time: a tree of ten thousand links would take ten times the memory of their text.
template <class Range, class Render>
void append_each(std::string& report, std::string_view key, const Range& range, Render render) {
  report += ",\"" + std::string(key) + "\":[";
  std::string_view separator;
  for (const auto& item : range) {
    report += std::exchange(separator, ",");
    report += json::serialize(json::value(render(item)));
  }
  report += "]";
}

}  // namespace

std::string_view to_string(Candidate::Fate fate) {
  switch (fate) {
    case Candidate::Fate::link:
      return "link";
    case Candidate::Fate::merged:
      return "merged";
    case Candidate::Fate::ignored:
      return "ignored";
    case Candidate::Fate::problem:
      return "problem";
  }
  return "";
}

std::string origin_of_option(const Link& link, std::string_view option) {
  const auto given = std::ranges::find(link.given, option, &GivenOption::name);
  return given == link.given.end() ? "default" : escape_text(to_string(given->origin));
}

std::string report_json(const Findings& findings) {
  const bool ok = findings.problems.empty();
  std::string report = ok ? "{\"ok\":true" : "{\"ok\":false";
  // With a problem anywhere nothing would run, so there are no links to speak of.
  append_each(report, "links", ok ? std::span(findings.links) : std::span<const Link>(), from_link);
  append_each(report, "candidates", findings.candidates, from_candidate);
  append_each(report, "problems", listed(findings.problems), from_problem);
  append_each(report, "notes", findings.notes, [](const auto& note) { return json::value(note); });
  return report + "}\n";
}

}  // namespace amb

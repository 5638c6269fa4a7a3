// SPDX-License-Identifier: Apache-2.0
#include "fuzz/wiring_oracle.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "base/text.h"
#include "fuzz/harmless.h"
#include "fuzz/require.h"
#include "fuzz/wiring_spelling.h"
#include "wiring/config_file.h"
#include "wiring/draft.h"
#include "wiring/options.h"
#include "wiring/report.h"

namespace amb::test {

namespace {

namespace json = boost::json;

/// Everything that an accepted value consists of: nothing that a shell, a terminal or a log would read.
constexpr std::string_view kAcceptable =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:/[],?&=%+~@";
/// Behind a '?' options may hold text for others: all that RFC 3986 lets stand in a query.
constexpr std::string_view kAcceptableInOptions =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:/[],?&=%+~@!$'()*;";

bool same_target(const Target& a, const Target& b) {
  return a.text == b.text && a.name == b.name && a.port == b.port && a.address == b.address &&
         a.is_service == b.is_service;
}

bool is_acceptable(std::string_view value) {
  return std::ranges::all_of(split(value, ','), [](std::string_view part) {
    const auto question = std::min(part.find('?'), part.size());
    return part.substr(0, question).find_first_not_of(kAcceptable) == std::string_view::npos &&
           part.substr(question).find_first_not_of(kAcceptableInOptions) == std::string_view::npos;
  });
}

/// "links.toml:4:12" is in the file if the file has that many lines and characters.
bool is_place_in(const ConfigText& config, std::string_view name) {
  if (!name.starts_with(config.path)) return false;
  name.remove_prefix(config.path.size());
  if (name.empty()) return true;
  const auto parts = split(name, ':');
  if (parts.size() != 3 || !parts[0].empty()) return false;
  const auto line = parse_number<std::size_t>(parts[1]);
  const auto column = parse_number<std::size_t>(parts[2]);
  const auto lines = split(config.text, '\n');
  return line && column && *line >= 1 && *column >= 1 && *line <= lines.size() &&
         *column <= lines[*line - 1].size() + 2;  // the file's end is behind its last line's end
}

/// Whether the input has a place of this name.
bool is_of(const WiringInput& input, const Origin& origin) {
  switch (origin.kind) {
    case Origin::Kind::argument:
      for (std::size_t i = 1; i <= input.arguments.size(); ++i) {
        if (origin.name == "argument " + std::to_string(i)) return true;
      }
      return false;
    case Origin::Kind::variable:
      return origin.name == "environment" ||
             std::ranges::any_of(input.environment, [&](const auto& variable) {
               return variable.first == origin.name || (origin.name.starts_with("AMBASSADOR_") &&
                                                        equals_ignoring_case(variable.first, origin.name));
             });
    case Origin::Kind::hosts_file:
      return origin.name.starts_with(input.hosts_path + ":") &&
             is_digits(std::string_view(origin.name).substr(input.hosts_path.size() + 1));
    case Origin::Kind::file:
      return input.config && is_place_in(*input.config, origin.name);
    case Origin::Kind::implied:
      return origin.name == "implied by unavailable=refuse";
    case Origin::Kind::command:
      return false;  // of a running program only
  }
  return false;
}

/// Whether `shown` is `value` but for what "***" stands in for, and the blanks around it.
bool is_value_but_secrets(std::string_view shown, std::string_view value) {
  value = trim(value);
  if (shown == value) return true;
  constexpr std::string_view kMask = "***";
  const auto first = shown.find(kMask);
  if (first == std::string_view::npos || !value.starts_with(shown.substr(0, first))) return false;
  value.remove_prefix(first);
  for (auto rest = shown.substr(first + kMask.size());; rest.remove_prefix(rest.find(kMask) + kMask.size())) {
    const auto next = rest.find(kMask);
    if (next == std::string_view::npos) return value.ends_with(rest);
    const auto at = value.find(rest.substr(0, next));
    if (at == std::string_view::npos) return false;
    value.remove_prefix(at + next);
  }
}

/// Whether a value shown for a variable is what the variable holds.
bool is_value_of(const WiringInput& input, const Origin& origin, const std::string& value) {
  return std::ranges::any_of(input.environment, [&](const auto& variable) {
    return equals_ignoring_case(variable.first, origin.name) && is_value_but_secrets(value, variable.second);
  });
}

void require_whole_target(const Target& target) {
  require(target.name.empty() != !target.address.has_value(), "a target has a name or an address",
          target.text);
  require(is_harmless(target.text) && target.text.find_first_not_of(kAcceptable) == std::string::npos,
          "a target holds nothing odd", target.text);
  const bool is_unix = target.address && target.address->is_unix();
  require((is_unix || target.is_service) == (target.port == 0),
          "a target has a port unless it is a path or a service", target.text);
  require(
      target.is_service == target.text.starts_with("srv://") && !(target.is_service && target.name.empty()),
      "a service is a name to look up", target.text);
  require(!target.address || !target.address->is_link_local(), "no target is link-local", target.text);
  require(!target.address || is_unix || target.address->port() == target.port, "a target has one port");
  require(!target.fallback || !target.name.empty(), "only a name has a fallback", target.text);
}

void require_whole_link(const WiringInput& input, const Findings& findings, const Link& link) {
  require(!link.name.empty() && is_harmless(link.name), "a link's name can be a label");
  require(!link.origins.empty(), "a link was asked for", link.name);
  for (const auto& origin : link.origins) {
    require(is_of(input, origin), "a link comes from somewhere", origin.name);
    const bool told = std::ranges::any_of(findings.candidates, [&](const Candidate& candidate) {
      const bool taken = candidate.fate == Candidate::Fate::link || candidate.fate == Candidate::Fate::merged;
      return taken && candidate.origin.name == origin.name && candidate.link == link.name;
    });
    require(told, "every origin of a link is a candidate that became it", origin.name);
  }
  std::size_t row = 0;
  for (const auto& [name, origin] : link.given) {
    require(is_of(input, origin), "an option comes from somewhere", name + " " + origin.name);
    while (row < option_table().size() && option_table()[row].name != name) ++row;
    require(row < option_table().size(), "given options are those of the table, in its order, each once",
            name);
    ++row;
  }
  for (const auto& option : option_table()) {
    const bool is_given = std::ranges::find(link.given, option.name, &GivenOption::name) != link.given.end();
    require(is_given || option.show(link.options) == option.initial,
            "what nobody says is as it is by default", option.name);
  }
  const bool refuses = link.options.unavailable.kind == Unavailable::Kind::refuse;
  require(!refuses || link.options.health.kind != HealthOptions::Kind::none, "a link that refuses is checked",
          link.name);
  require_whole(link);
}

void require_whole_problem(const WiringInput& input, const Problem& problem) {
  require(is_of(input, problem.origin), "a problem names where it comes from", problem.origin.name);
  require(!problem.what.empty() && is_harmless(problem.what), "a problem says what is wrong", problem.what);
  require(!problem.accepted.empty() && is_harmless(problem.accepted), "a problem says what is accepted",
          problem.accepted);
  require(problem.what.size() + problem.accepted.size() < 2048, "a problem is no novel", problem.what);
  const bool is_variable =
      problem.origin.kind == Origin::Kind::variable && problem.origin.name != "environment";
  require(!is_variable || is_value_of(input, problem.origin, problem.value), "a problem shows the value",
          problem.origin.name);
}

void require_whole_candidate(const WiringInput& input, const Candidate& candidate) {
  require(is_of(input, candidate.origin), "a candidate comes from somewhere", candidate.origin.name);
  require(is_harmless(candidate.why), "a candidate's fate is harmless to print", candidate.why);
  const bool taken = candidate.fate == Candidate::Fate::link || candidate.fate == Candidate::Fate::merged;
  require(!taken || !candidate.link.empty(), "what is taken belongs to a link", candidate.origin.name);
  const bool is_value = taken && candidate.origin.kind == Origin::Kind::variable;
  require(!is_value || is_acceptable(candidate.value), "nothing odd is ever accepted", candidate.value);
  const bool copied = candidate.why.starts_with("a copy of");
  require(!copied || candidate.value.empty(), "another container's variables are never shown",
          candidate.origin.name);
}

void require_distinct_listeners(const Findings& findings) {
  std::vector<const SocketAddress*> seen;
  for (const auto& link : findings.links) {
    for (const auto& listen : link.listen) {
      const auto taken =
          std::ranges::any_of(seen, [&](const SocketAddress* other) { return *other == listen; });
      require(!taken, "no two links listen at one place", listen.to_string());
      seen.push_back(&listen);
    }
  }
}

std::string without_colours(std::string text) {
  for (const std::string_view colour : {"\x1b[0m", "\x1b[1m", "\x1b[31m", "\x1b[32m", "\x1b[33m"}) {
    for (auto at = text.find(colour); at != std::string::npos; at = text.find(colour, at))
      text.erase(at, colour.size());
  }
  return text;
}

/// Whether what was made of `text` is the link that was written so.
void require_same(const Link& link, const Findings& findings, const std::vector<Draft>& drafts,
                  std::string_view text) {
  require(findings.problems.empty() && drafts.size() == 1, "a link can be written down",
          std::string(text) + (findings.problems.empty() ? "" : ": " + findings.problems.front().what));
  const Link& again = drafts.front().link;
  require(std::ranges::equal(again.listen, link.listen), "a link read back listens at the same place", text);
  require(again.options == link.options, "a link read back has the same options", text);
  require(std::ranges::equal(again.targets, link.targets, same_target), "a link read back leads to the same",
          text);
}

}  // namespace

void require_whole(const Link& link) {
  require(!link.listen.empty() && !link.targets.empty(), "a link is whole", link.name);
  for (const auto& listen : link.listen) {
    require(listen.is_unix() || (listen.is_ip() && listen.port() != 0), "a link listens at a known place");
  }
  for (const auto& target : link.targets) require_whole_target(target);

  const std::string value = value_of(link);
  Findings findings;
  std::vector<Draft> drafts;
  read_link({Origin::Kind::argument, "argument 1"}, {"x", "1", Protocol::tcp}, value, findings, drafts);
  require_same(link, findings, drafts, value);

  const ConfigText file{.path = "x.toml", .text = file_of(link), .error = {}};
  findings = {};
  drafts.clear();
  read_config_file(file, findings, drafts);
  require_same(link, findings, drafts, file.text);
}

void require_whole(const WiringInput& input, const Findings& findings) {
  require(!findings.links.empty() || !findings.problems.empty(), "there are links or problems");
  for (const auto& problem : findings.problems) require_whole_problem(input, problem);
  for (const auto& candidate : findings.candidates) require_whole_candidate(input, candidate);
  for (const auto& note : findings.notes) require(is_harmless(note), "a note is harmless to print", note);
  if (!findings.problems.empty()) {
    require(std::ranges::none_of(findings.problems, [](const Problem& p) { return p.origin.name.empty(); }),
            "every problem has a name");
    return;
  }
  for (const auto& link : findings.links) require_whole_link(input, findings, link);
  require_distinct_listeners(findings);
}

void require_harmless_reports(const Findings& findings) {
  const std::string text = report_text(findings, false);
  for (const auto line : split(text, '\n')) require(is_harmless(line), "every line can be printed", line);
  require(without_colours(report_text(findings, true)) == text, "colours change no word");

  const std::string printed = report_json(findings);
  require(printed.ends_with('\n') && is_harmless(std::string_view(printed).substr(0, printed.size() - 1)),
          "the JSON is one harmless line", printed);
  boost::system::error_code error;
  const json::value parsed = json::parse(printed, error);
  require(!error, "the JSON can be read", printed);
  const json::object& report = parsed.as_object();
  require(report.at("ok").as_bool() == findings.problems.empty(), "the JSON says whether it is fine");
  require(report.at("candidates").as_array().size() == findings.candidates.size(),
          "no candidate is left out");
  const json::array& problems = report.at("problems").as_array();
  const std::size_t count_of_others = findings.problems.left_out() > 0 ? 1 : 0;
  require(problems.size() == findings.problems.size() + count_of_others, "no problem is left out");
  for (std::size_t i = 0; i < findings.problems.size(); ++i) {
    const std::string name = escape_text(to_string(findings.problems[i].origin));
    require(problems[i].at("from").as_string() == name, "a problem is told with its origin", name);
    require(text.find(name.substr(0, name.find(' '))) != std::string::npos, "and for people too", name);
  }
}

void require_kept_secret(std::string_view text, const Findings& findings) {
  constexpr std::string_view kSecret = "hunter2";
  for (auto at = text.find(kSecret); at != std::string_view::npos; at = text.find(kSecret, at + 1)) {
    const auto before = text.substr(0, at);
    if (!before.ends_with("health_password=") && !before.ends_with("health_password = \"")) return;
  }
  for (const auto& report : {report_text(findings, false, Detail::all_options), report_json(findings)})
    require(report.find(kSecret) == std::string::npos, "a password is never printed", report);
}

WiringInput plain_input() {
  WiringInput input;
  input.hostname = "3f2a9c1b7d10";
  input.own_addresses = {*SocketAddress::from_ip("172.17.0.9", 0)};
  input.hosts_text =
      "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost\n172.17.0.2\tdb 5b1c app-db-1\n"
      "172.17.0.3\tredis 77aa app-redis-1\nfd00::4\tcache\n172.17.0.9\t3f2a9c1b7d10\n";
  return input;
}

}  // namespace amb::test

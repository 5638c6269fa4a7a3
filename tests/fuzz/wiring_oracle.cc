// SPDX-License-Identifier: Apache-2.0
#include "fuzz/wiring_oracle.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <utility>

#include "base/text.h"
#include "fuzz/require.h"
#include "wiring/draft.h"
#include "wiring/options.h"
#include "wiring/report.h"

namespace amb::test {

namespace {

namespace json = boost::json;

/// Everything that an accepted value consists of: nothing that a shell, a terminal or a log would read.
constexpr std::string_view kAcceptable =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:/[],?&=%+~@";

bool is_in(unsigned value, unsigned first, unsigned last) { return value >= first && value <= last; }

/// Length of the UTF-8 character at the front, by the table of RFC 3629 section 4; 0 if it is none.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const auto tail = [&](std::size_t i) { return is_in(byte(i), 0x80, 0xbf); };
  const unsigned a = byte(0), b = byte(1);
  if (a < 0x80) return 1;
  if (is_in(a, 0xc2, 0xdf)) return tail(1) ? 2 : 0;
  const unsigned lowest = a == 0xe0 ? 0xa0 : a == 0xf0 ? 0x90 : 0x80;
  const unsigned highest = a == 0xed ? 0x9f : a == 0xf4 ? 0x8f : 0xbf;
  if (!is_in(b, lowest, highest)) return 0;
  if (is_in(a, 0xe0, 0xef)) return tail(2) ? 3 : 0;
  return is_in(a, 0xf0, 0xf4) && tail(2) && tail(3) ? 4 : 0;
}

bool steers(std::string_view c) {
  if (c.size() == 1) return static_cast<unsigned char>(c[0]) < 0x20 || c[0] == 0x7f;
  const auto within = [c](std::string_view first, std::string_view last) { return c >= first && c <= last; };
  return within("\u0080", "\u009f") || within("\u200e", "\u200f") || within("\u2028", "\u202e") ||
         within("\u2066", "\u2069") || c == "\ufeff";
}

std::string spelled(const SocketAddress& address) {
  return address.is_unix() ? "unix://" + address.path() : "tcp://" + address.to_string();
}

/// The value of a variable that would make this link.
std::string value_of(const Link& link) {
  std::string value;
  for (const auto& target : link.targets) value += (value.empty() ? "" : ",") + target.text;
  char separator = '?';
  for (const auto& option : option_table()) {
    const std::string shown = option.show(link.options);
    if (shown.empty()) continue;
    value += std::exchange(separator, '&') + std::string(option.name) + "=" + shown;
  }
  for (const auto& listen : link.listen) value += "&listen=" + spelled(listen);
  return value;
}

bool same_target(const Target& a, const Target& b) {
  return a.text == b.text && a.name == b.name && a.port == b.port && a.address == b.address;
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
  }
  return false;
}

/// Whether a value shown for a variable is what the variable holds.
bool is_value_of(const WiringInput& input, const Origin& origin, const std::string& value) {
  return std::ranges::any_of(input.environment, [&](const auto& variable) {
    return equals_ignoring_case(variable.first, origin.name) && variable.second == value;
  });
}

void require_whole_target(const Target& target) {
  require(target.name.empty() != !target.address.has_value(), "a target has a name or an address",
          target.text);
  require(is_harmless(target.text) && target.text.find_first_not_of(kAcceptable) == std::string::npos,
          "a target holds nothing odd", target.text);
  const bool is_unix = target.address && target.address->is_unix();
  require(is_unix == (target.port == 0), "a target has a port unless it is a path", target.text);
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
  require(!is_value || candidate.value.find_first_not_of(kAcceptable) == std::string::npos,
          "nothing odd is ever accepted", candidate.value);
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

}  // namespace

bool is_harmless(std::string_view line) {
  while (!line.empty()) {
    const std::size_t length = utf8_length(line);
    if (length == 0 || steers(line.substr(0, length))) return false;
    line.remove_prefix(length);
  }
  return true;
}

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
  require(findings.problems.empty() && drafts.size() == 1, "a link can be written down",
          value + (findings.problems.empty() ? "" : ": " + findings.problems.front().what));
  const Link& again = drafts.front().link;
  require(std::ranges::equal(again.listen, link.listen), "a link read back listens at the same place", value);
  require(again.options == link.options, "a link read back has the same options", value);
  require(std::ranges::equal(again.targets, link.targets, same_target), "a link read back leads to the same",
          value);
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
  require(problems.size() == findings.problems.size(), "no problem is left out");
  for (std::size_t i = 0; i < problems.size(); ++i) {
    const std::string name = escape_text(to_string(findings.problems[i].origin));
    require(problems[i].at("from").as_string() == name, "a problem is told with its origin", name);
    require(text.find(name.substr(0, name.find(' '))) != std::string::npos, "and for people too", name);
  }
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

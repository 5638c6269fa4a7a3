// SPDX-License-Identifier: Apache-2.0
//
// The words in which the wiring's tests speak: an environment in, links and problems as short texts out.
#pragma once

#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "wiring/wiring.h"

namespace amb {

inline void PrintTo(const Origin& origin, std::ostream* out) { *out << to_string(origin); }

namespace test {

using Variables = std::vector<std::pair<std::string, std::string>>;

inline WiringInput with_variables(Variables variables) {
  WiringInput input;
  input.environment = std::move(variables);
  input.hostname = "3f2a9c1b7d10";
  input.own_addresses = {*SocketAddress::from_ip("172.17.0.9", 0)};
  return input;
}

inline Findings find(Variables variables) { return find_wiring(with_variables(std::move(variables))); }

inline Findings find_from_arguments(std::vector<std::string> words, Variables variables = {}) {
  WiringInput input = with_variables(std::move(variables));
  input.arguments = std::move(words);
  return find_wiring(input);
}

/// A file of links.
inline ConfigText file_of_links(std::string text, ConfigText::From from = ConfigText::From::option) {
  return {.from = from, .path = "links.toml", .text = std::move(text), .error = {}};
}

inline Findings find_in_file(ConfigText config, Variables variables = {},
                             std::vector<std::string> words = {}) {
  WiringInput input = with_variables(std::move(variables));
  input.arguments = std::move(words);
  input.config = std::move(config);
  return find_wiring(input);
}

inline Findings find_in_file(std::string text, Variables variables = {},
                             std::vector<std::string> words = {}) {
  return find_in_file(file_of_links(std::move(text)), std::move(variables), std::move(words));
}

/// "[::]:6379 > tcp://redis:6379", several listeners or targets separated by commas.
inline std::string text_of(const Link& link) {
  std::string text;
  for (const auto& listen : link.listen) text += (text.empty() ? "" : ",") + listen.to_string();
  text += " >";
  for (const auto& target : link.targets) text += (&target == link.targets.data() ? " " : ",") + target.text;
  return text;
}

/// What would run: nothing if there is any problem.
inline std::vector<std::string> links_of(const Findings& findings) {
  std::vector<std::string> texts;
  if (!findings.problems.empty()) return texts;
  for (const auto& link : findings.links) texts.push_back(text_of(link));
  return texts;
}

/// "variable X: what is wrong".
inline std::vector<std::string> problems_of(const Findings& findings) {
  std::vector<std::string> texts;
  for (const auto& problem : findings.problems)
    texts.push_back(to_string(problem.origin) + ": " + problem.what);
  return texts;
}

/// All problems in one text, for looking up words in it.
inline std::string all_problems(const Findings& findings) {
  std::string text;
  for (const auto& line : problems_of(findings)) text += line + "\n";
  return text;
}

/// "ignored: why" and so on, of the first candidate that has this name.
inline std::string fate_of(const Findings& findings, const std::string& name) {
  for (const auto& candidate : findings.candidates) {
    if (candidate.origin.name != name) continue;
    const char* const fates[] = {"link", "merged", "ignored", "problem"};
    const std::string fate = fates[static_cast<int>(candidate.fate)];
    return candidate.why.empty() ? fate : fate + ": " + candidate.why;
  }
  return "no candidate";
}

}  // namespace test
}  // namespace amb

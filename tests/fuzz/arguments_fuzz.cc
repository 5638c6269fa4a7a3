// SPDX-License-Identifier: Apache-2.0
//
// Any words on the command line, each ended by a NUL as the kernel hands them over: they are refused in
// words, or they reach the wiring unchanged, which gives links or problems.
#include <algorithm>
#include <variant>

#include "app/cli.h"
#include "app/exit_code.h"
#include "base/text.h"
#include "fuzz/harmless.h"
#include "fuzz/require.h"
#include "fuzz/wiring_oracle.h"

namespace amb {
namespace {

using test::require;

/// Whether every word is one of those given, byte for byte, and in their order.
bool is_part_of(const std::vector<std::string>& words, const std::vector<std::string>& given) {
  auto at = given.begin();
  return std::ranges::all_of(words, [&](const std::string& word) {
    at = std::find(at, given.end(), word);
    return at != given.end() && at++ != given.end();
  });
}

void require_told(const ExitNow& end) {
  require(end.code == kExitOk || end.code == kExitUsage, "the command line ends well or as a mistake");
  require((end.code == kExitOk) == end.to_stderr.empty(), "a mistake is told, and nothing else is");
  require((end.code == kExitOk) != end.to_stdout.empty(), "what was asked for is told");
  for (const auto& text : {end.to_stdout, end.to_stderr}) {
    for (const auto line : split(text, '\n')) require(test::is_harmless(line), "it can be printed", line);
  }
}

void require_whole_wiring(const CommandLine& line, const std::vector<std::string>& given) {
  require(is_part_of(line.words, given), "words reach the wiring as they were given");
  const auto names = [&](const std::string& word) {
    return word == *line.config || word == "--config=" + *line.config;
  };
  require(!line.config || std::ranges::any_of(given, names), "a file's path is taken as it was given");
  if (line.command == CommandLine::Command::version) return;
  WiringInput input = test::plain_input();
  input.arguments = line.words;
  const Findings findings = find_wiring(input);
  test::require_whole(input, findings);
  test::require_harmless_reports(findings);
  std::string words;
  for (const auto& word : line.words) words += word + '\n';
  test::require_kept_secret(words, findings);
  for (const auto& link : findings.links) {
    const bool by_argument = link.origins.front().kind == Origin::Kind::argument;
    require(line.words.empty() || by_argument, "what is said on the command line counts", link.name);
  }
}

}  // namespace
}  // namespace amb

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace amb;
  std::vector<std::string> words;
  for (const auto word : split(test::as_text(data, size), '\0')) words.emplace_back(word);
  if (words.back().empty()) words.pop_back();
  std::vector<const char*> argv{"ambassador"};
  for (const auto& word : words) argv.push_back(word.c_str());

  const auto parsed = parse_command_line(static_cast<int>(argv.size()), argv.data());
  if (const auto* end = std::get_if<ExitNow>(&parsed)) {
    require_told(*end);
  } else {
    require_whole_wiring(std::get<CommandLine>(parsed), words);
  }
  return 0;
}

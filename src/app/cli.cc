// SPDX-License-Identifier: Apache-2.0
#include "app/cli.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <sstream>
#include <utility>

#include "app/cli_commands.h"
#include "app/cli_help.h"
#include "app/exit_code.h"
#include "app/version.h"
#include "base/text.h"

namespace amb {

namespace {

/// As CLI11 wants them: the last one first, without the program's name.
std::vector<std::string> reversed_words(int argc, const char* const* argv) {
  std::vector<std::string> words;
  for (int i = argc - 1; i > 0; --i) words.push_back(marked(argv[i]));
  return words;
}

/// CLI11 quotes what it does not understand; a terminal must not.
std::string escape_lines(const std::string& text) {
  std::string escaped;
  for (const std::string_view line : split(text, '\n')) escaped += escape_text(line) + "\n";
  escaped.pop_back();
  return escaped;
}

ExitNow refuse(const std::string& mistake) {
  return {kExitUsage, {}, escape_lines(mistake) + "\nRun with --help for more information.\n"};
}

void unmark(CommandLine& line) {
  for (std::string& word : line.words) word = unmarked(std::move(word));
  for (std::string* text : {&line.link, &line.existing, &line.close}) *text = unmarked(std::move(*text));
}

}  // namespace

std::variant<CommandLine, ExitNow> parse_command_line(int argc, const char* const* argv) {
  CommandLine line;
  CLI::App app(kHelpDescription, "ambassador");
  app.footer(kHelpFooter);
  app.set_version_flag("--version", std::string("ambassador ") + kVersion);
  ConfigOption config;
  add_commands(app, line, config);
  try {
    app.parse(reversed_words(argc, argv));
  } catch (const CLI::ParseError& outcome) {
    std::ostringstream out;
    std::ostringstream err;
    const int code = app.exit(outcome, out, err);
    return ExitNow{code == 0 ? kExitOk : kExitUsage, out.str(), escape_lines(unmarked(err.str()))};
  }
  if (const char* mistake = config.mistake()) return refuse(mistake);
  line.config = config.path();
  line.command = parsed_command(app);
  unmark(line);
  take_file(line);
  if (const std::string mistake = mistake_of(line); !mistake.empty()) return refuse(mistake);
  const auto meant = app.get_subcommands().empty() ? meant_command(line.words) : std::nullopt;
  if (meant) {
    return refuse("there is no command '" + line.words.front() + "'; did you mean " + std::string(*meant) +
                  "?");
  }
  return line;
}

}  // namespace amb

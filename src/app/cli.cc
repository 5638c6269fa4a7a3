// SPDX-License-Identifier: Apache-2.0
#include "app/cli.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <sstream>
#include <utility>

#include "app/exit_code.h"
#include "app/version.h"
#include "base/text.h"

namespace amb {

namespace {

constexpr const char* kDescription =
    "ambassador stands between a consumer and the service it uses, so that the\n"
    "service can move without the consumer knowing:\n"
    "\n"
    "    (consumer) --> (ambassador) --> (redis)\n"
    "\n"
    "Say where links lead with arguments, or with the variables that Docker's links\n"
    "set; each listens on the port in its name and leads to the address in its value:\n"
    "\n"
    "    ambassador redis.example 6379\n"
    "    ambassador REDIS_PORT_6379_TCP=tcp://192.168.1.52:6379\n"
    "    REDIS_PORT_6379_TCP=tcp://192.168.1.52:6379 ambassador";

constexpr const char* kFooter =
    "\nVariables:\n"
    "  <NAME>_PORT_<n>_TCP      where port n leads: tcp://host:port[,next]\n"
    "                           or unix:///path, options behind it as in a URL:\n"
    "                           ?connect_timeout=500ms&listen=127.0.0.1\n"
    "  AMBASSADOR_LINKS         take only these; Kubernetes services must be named\n"
    "  AMBASSADOR_PORTS         ports of linked hosts without variables (Docker 29):\n"
    "                           5432 or postgres:5432,redis:6379\n"
    "  AMBASSADOR_WORKERS       threads that relay (default: the CPUs we may use)\n"
    "  AMBASSADOR_MAX_SESSIONS  sessions at once (default: what the descriptor limit\n"
    "                           allows)\n"
    "  AMBASSADOR_DRAIN         how long sessions may go on after TERM (default 9s)\n"
    "  AMBASSADOR_LOG           text or json (default: text on a terminal)\n"
    "  AMBASSADOR_LOG_LEVEL     debug, info, warning or error (default info)\n"
    "\n"
    "Exit codes: 0 fine; 3 sessions were cut when the drain's time was up;\n"
    "64 the wiring or the arguments are wrong; 70 a bug.\n"
    "\n"
    "Try `ambassador check` to see what it makes of your environment.";

/// CLI11 takes a word in brackets for a list, but here it is an address. With a NUL behind it, which no
/// argument can hold, it is a word like any other; unmarked() takes that off again.
std::vector<std::string> marked(int argc, const char* const* argv) {
  std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
  for (std::string& word : words) {
    if (word.starts_with('[')) word += '\0';
  }
  return words;
}

std::string unmarked(std::string text) {
  std::erase(text, '\0');
  return text;
}

constexpr const char* kWordsHelp = "HOST PORT, or any number of NAME_PORT_<n>_TCP=url";

/// CLI11 quotes what it does not understand; a terminal must not.
std::string escape_lines(const std::string& text) {
  std::string escaped;
  for (const std::string_view line : split(text, '\n')) escaped += escape_text(line) + "\n";
  escaped.pop_back();
  return escaped;
}

}  // namespace

std::variant<CommandLine, ExitNow> parse_command_line(int argc, const char* const* argv) {
  CommandLine line;
  CLI::App app(kDescription, "ambassador");
  app.footer(kFooter);
  app.set_version_flag("--version", std::string("ambassador ") + kVersion);
  app.add_option("words", line.words, kWordsHelp)->option_text("[WIRING...]");

  auto* run = app.add_subcommand("run", "wire and relay until told to stop; the default");
  run->add_option("words", line.words, kWordsHelp)->option_text("[WIRING...]");
  auto* check = app.add_subcommand("check", "explain every candidate and problem; opens nothing");
  check->add_option("words", line.words, kWordsHelp)->option_text("[WIRING...]");
  check->add_flag("--json", line.json, "for machines");
  auto* version = app.add_subcommand("version", "version, commit and this kernel's data paths");
  version->add_flag("--json", line.json, "for machines");
  app.require_subcommand(0, 1);

  try {
    auto words = marked(argc, argv);
    std::ranges::reverse(words);  // as CLI11 wants them
    app.parse(std::move(words));
  } catch (const CLI::ParseError& outcome) {
    std::ostringstream out;
    std::ostringstream err;
    const int code = app.exit(outcome, out, err);
    return ExitNow{code == 0 ? kExitOk : kExitUsage, out.str(), escape_lines(unmarked(err.str()))};
  }
  for (std::string& word : line.words) word = unmarked(std::move(word));
  if (check->parsed()) line.command = CommandLine::Command::check;
  if (version->parsed()) line.command = CommandLine::Command::version;
  return line;
}

}  // namespace amb

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
    "Say where links lead with arguments, with a file, or with the variables that\n"
    "Docker's links set; those listen on the port in the name and lead to the address\n"
    "in the value:\n"
    "\n"
    "    ambassador redis.example 6379\n"
    "    ambassador REDIS_PORT_6379_TCP=tcp://192.168.1.52:6379\n"
    "    ambassador --config links.toml\n"
    "    REDIS_PORT_6379_TCP=tcp://192.168.1.52:6379 ambassador";

constexpr const char* kFooter =
    "\nVariables:\n"
    "  <NAME>_PORT_<n>_TCP      where port n leads: tcp://host:port[,next],\n"
    "                           unix:///path or srv://_redis._tcp.example, options\n"
    "                           behind it as in a URL: ?health=redis&policy=random\n"
    "  AMBASSADOR_CONFIG        a file of links, if no --config names one (default:\n"
    "                           /etc/ambassador.toml, if there is one)\n"
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
    "Options of a link, in its URL or in its table of the file, among others:\n"
    "  listen=127.0.0.1         where to listen, if not everywhere\n"
    "  health=tcp               ask whether endpoints are well: tcp, http, redis,\n"
    "                           redis-primary, postgres, postgres-primary, mysql\n"
    "  policy=round_robin       or first, least_sessions, random\n"
    "  unavailable=refuse       while no endpoint is up: reset, refuse, hold=5s\n"
    "  on_down=drain=30s        sessions of an endpoint that goes down: keep, cut\n"
    "  connect_timeout=500ms    one attempt to connect; connect_total: all of them\n"
    "\n"
    "    [links.redis]                          # links.toml\n"
    "    listen = 6379                          # of 127.0.0.1\n"
    "    upstream = [\"tcp://redis-1:6379\", \"tcp://redis-2:6379\"]\n"
    "    health = \"redis-primary\"\n"
    "\n"
    "Exit codes: 0 fine; 3 sessions were cut when the drain's time was up;\n"
    "64 the wiring or the arguments are wrong; 70 a bug.\n"
    "\n"
    "`ambassador check` tells what it makes of all this, `check --all` with every\n"
    "option that a link has.";

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

/// Called for each --config, which is good before and behind the command word, but once.
class ConfigOption {
 public:
  void add_to(CLI::App& app) {
    app.add_option_function<std::string>(
           "--config", [this](const std::string& path) { paths_.push_back(unmarked(path)); },
           "a file of links, TOML")
        ->option_text("FILE");
  }

  std::optional<std::string> path() const { return paths_.empty() ? std::nullopt : std::optional(paths_[0]); }

  /// A sentence, if it was not used as it is meant.
  const char* mistake() const {
    if (paths_.size() > 1) return "--config is given twice; one file holds any number of links";
    return !paths_.empty() && paths_[0].empty() ? "--config names no file" : nullptr;
  }

 private:
  std::vector<std::string> paths_;
};

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
  ConfigOption config;
  config.add_to(app);
  app.add_option("words", line.words, kWordsHelp)->option_text("[WIRING...]");

  auto* run = app.add_subcommand("run", "wire and relay until told to stop; the default");
  config.add_to(*run);
  run->add_option("words", line.words, kWordsHelp)->option_text("[WIRING...]");
  auto* check = app.add_subcommand("check", "explain every candidate and problem; opens nothing");
  check->add_option("words", line.words, kWordsHelp)->option_text("[WIRING...]");
  config.add_to(*check);
  check->add_flag("--json", line.json, "for machines");
  check->add_flag("--all", line.all, "with the options that are left at their defaults");
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
  if (const char* mistake = config.mistake())
    return ExitNow{kExitUsage, {}, std::string(mistake) + "\nRun with --help for more information.\n"};
  line.config = config.path();
  for (std::string& word : line.words) word = unmarked(std::move(word));
  if (check->parsed()) line.command = CommandLine::Command::check;
  if (version->parsed()) line.command = CommandLine::Command::version;
  return line;
}

}  // namespace amb

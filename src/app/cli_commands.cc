// SPDX-License-Identifier: Apache-2.0
#include "app/cli_commands.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "admin/api_request.h"
#include "app/cli_help.h"
#include "base/text.h"
#include "wiring/duration.h"
#include "wiring/option_values.h"

namespace amb {

namespace {

using Command = CommandLine::Command;

struct CommandWord {
  std::string_view word;
  Command command;
};

constexpr std::array<CommandWord, 13> kCommands = {{{"run", Command::run},
                                                    {"check", Command::check},
                                                    {"status", Command::status},
                                                    {"rewire", Command::rewire},
                                                    {"reload", Command::reload},
                                                    {"drain", Command::drain},
                                                    {"resume", Command::resume},
                                                    {"wait", Command::wait},
                                                    {"healthcheck", Command::healthcheck},
                                                    {"sessions", Command::sessions},
                                                    {"why", Command::why},
                                                    {"events", Command::events},
                                                    {"version", Command::version}}};

constexpr const char* kWordsHelp = "HOST PORT, or any number of NAME_PORT_<n>_TCP=url";
constexpr const char* kJsonHelp = "for machines";

CLI::App* add_command(CLI::App& app, const char* word, const char* what, const char* footer) {
  CLI::App* command = app.add_subcommand(word, what);
  command->footer(footer);
  return command;
}

void add_control(CLI::App& command, CommandLine& line) {
  command
      .add_option_function<std::string>(
          "--control", [&line](const std::string& path) { line.control = unmarked(path); },
          "where the running one listens")
      ->option_text("PATH");
}

void add_link(CLI::App& command, CommandLine& line, const char* what) {
  command.add_option("link", line.link, what)->option_text("[LINK]");
}

void add_wiring_commands(CLI::App& app, CommandLine& line, ConfigOption& config) {
  auto* run = app.add_subcommand("run", "wire and relay until told to stop; the default");
  config.add_to(*run);
  run->add_option("words", line.words, kWordsHelp)->option_text("[WIRING...]");
  auto* check = add_command(app, "check", "explain every candidate and problem; opens nothing", kHelpCheck);
  check->add_option("words", line.words, kWordsHelp)->option_text("[WIRING...]");
  config.add_to(*check);
  check->add_flag("--json", line.json, kJsonHelp);
  check->add_flag("--all", line.all, "with the options that are left at their defaults");
}

void add_looking_commands(CLI::App& app, CommandLine& line) {
  auto* status = add_command(app, "status", "what every link does now", kHelpStatus);
  status->add_flag("--json", line.json, kJsonHelp);
  status->add_flag("--watch", line.watch, "again every second, with rates");
  add_control(*status, line);

  auto* sessions = add_command(app, "sessions", "who is relayed where; ends one", kHelpSessions);
  add_link(*sessions, line, "of this link alone");
  sessions->add_flag("--json", line.json, kJsonHelp);
  sessions->add_option("--close", line.close, "end this one, by a reset")->option_text("ID");
  add_control(*sessions, line);

  auto* why = add_command(app, "why", "what went wrong with a link", kHelpWhy);
  why->add_option("link", line.link, "its name")->option_text("LINK")->required();
  why->add_flag("--json", line.json, kJsonHelp);
  add_control(*why, line);

  auto* events = add_command(app, "events", "follow what happens", kHelpEvents);
  events->add_flag("--json", line.json, "on a terminal too");
  add_control(*events, line);
}

void add_duration(CLI::App& command, const char* name, const char* what, std::chrono::milliseconds& into,
                  std::chrono::milliseconds most) {
  const auto read = [name, &into, most](const std::string& text) {
    const auto duration = parse_duration(text, Zero::refused);
    if (duration && *duration <= most) {
      into = *duration;
      return;
    }
    const std::string why = duration ? "at most " + format_duration(most) : duration.error().what;
    throw CLI::ValidationError(name, why + "; accepted: 500ms, 30s, 2m");
  };
  command.add_option_function<std::string>(name, read, what)->option_text("DURATION");
}

void add_steering_commands(CLI::App& app, CommandLine& line) {
  auto* rewire = add_command(app, "rewire", "change where a link leads, now", kHelpRewire);
  rewire->add_option("link", line.link, "its name")->option_text("LINK")->required();
  rewire->add_option("urls", line.words, "tcp://host:port[,next]")->option_text("URL[,URL]...");
  rewire->add_option("--existing", line.existing, "sessions at former endpoints: keep, cut, drain=30s")
      ->option_text("FATE");
  rewire->add_flag("--back", line.back, "to what the link's own source says");
  rewire->add_flag("--dry-run", line.dry_run, "only say what would change");
  rewire->add_flag("--force", line.force, "even if no new target is up");
  add_duration(*rewire, "--wait", "until a new target is up", line.patience, kMostCheckWait);
  add_duration(*rewire, "--check-timeout", "for checking the targets (3s)", line.check_timeout,
               kMostCheckTimeout);
  add_control(*rewire, line);

  add_control(*add_command(app, "reload", "read the file of links again", kHelpReload), line);
  auto* drain = add_command(app, "drain", "take no new sessions, let the old ones end", kHelpDrain);
  add_link(*drain, line, "of this link alone");
  add_control(*drain, line);
  auto* resume = add_command(app, "resume", "take new sessions again", kHelpResume);
  add_link(*resume, line, "of this link alone");
  add_control(*resume, line);
}

void add_asking_commands(CLI::App& app, CommandLine& line) {
  auto* wait = add_command(app, "wait", "until a link has an endpoint that is up", kHelpWait);
  add_link(*wait, line, "this link alone");
  const auto read_timeout = [&line](const std::string& text) {
    const auto timeout = parse_duration(text, Zero::allowed);
    if (!timeout)
      throw CLI::ValidationError("--timeout", timeout.error().what + "; accepted: 500ms, 30s, 2m");
    line.timeout = *timeout;
  };
  wait->add_option_function<std::string>("--timeout", read_timeout, "how long (30s)")
      ->option_text("DURATION");
  add_control(*wait, line);
  auto* healthcheck =
      add_command(app, "healthcheck", "alive or not, in one line and the exit code", kHelpHealthcheck);
  healthcheck->add_flag("--ready", line.ready, "and whether every link has an endpoint that is up");
  add_control(*healthcheck, line);
}

}  // namespace

void ConfigOption::add_to(CLI::App& app) {
  app.add_option_function<std::string>(
         "--config", [this](const std::string& path) { paths_.push_back(unmarked(path)); },
         "a file of links, TOML")
      ->option_text("FILE");
}

std::optional<std::string> ConfigOption::path() const {
  return paths_.empty() ? std::nullopt : std::optional(paths_[0]);
}

const char* ConfigOption::mistake() const {
  if (paths_.size() > 1) return "--config is given twice; one file holds any number of links";
  return !paths_.empty() && paths_[0].empty() ? "--config names no file" : nullptr;
}

void add_commands(CLI::App& app, CommandLine& line, ConfigOption& config) {
  config.add_to(app);
  app.add_option("words", line.words, kWordsHelp)->option_text("[WIRING...]");
  add_wiring_commands(app, line, config);
  add_looking_commands(app, line);
  add_steering_commands(app, line);
  add_asking_commands(app, line);
  auto* version = app.add_subcommand("version", "version, commit and this kernel's data paths");
  version->add_flag("--json", line.json, kJsonHelp);
  app.require_subcommand(0, 1);
}

Command parsed_command(const CLI::App& app) {
  const auto parsed = app.get_subcommands();
  if (parsed.empty()) return Command::run;
  const auto* found =
      std::ranges::find(kCommands, std::string_view(parsed.front()->get_name()), &CommandWord::word);
  return found == kCommands.end() ? Command::run : found->command;
}

std::string mistake_of(const CommandLine& line) {
  if (line.command != Command::run && line.command != Command::check && line.control && line.control->empty())
    return "--control names no socket";
  if (line.command == Command::status && line.json && line.watch)
    return "--watch is for people; follow `ambassador events` or ask for --json again and again";
  if (line.command != Command::rewire) return {};
  if (line.back && !line.words.empty())
    return "--back leads where the link's own source says; it takes no URL";
  if (!line.back && line.words.empty())
    return "say where the link should lead: ambassador rewire LINK tcp://host:port, or --back";
  if (line.patience.count() > 0 && (line.back || line.force || line.dry_run))
    return "--wait waits until a target is up; --back, --force and --dry-run wait for none";
  if (line.existing.empty()) return {};
  const auto fate = parse_session_fate(line.existing);
  return fate ? std::string() : "--existing: " + fate.error().what + "; accepted: " + fate.error().accepted;
}

void take_file(CommandLine& line) {
  if (line.command != Command::check || line.config || line.words.size() != 1) return;
  std::string& word = line.words.front();
  const bool is_link = word.contains('=') || word.contains("://");
  if (is_link || !(word.ends_with(".toml") || word.contains('/'))) return;
  line.config = std::move(word);
  line.words.clear();
  line.compare = true;
}

std::optional<std::string_view> meant_command(const std::vector<std::string>& words) {
  const bool is_assigned = std::ranges::any_of(words, [](const auto& word) { return word.contains('='); });
  const bool is_host_port = words.size() == 2 && is_digits(words[1]);
  if (words.empty() || is_assigned || is_host_port) return std::nullopt;
  std::array<std::string_view, kCommands.size()> names;
  std::ranges::transform(kCommands, names.begin(), &CommandWord::word);
  return nearest_word(words.front(), names);
}

std::string marked(std::string word) {
  if (word.starts_with('[')) word += '\0';
  return word;
}

std::string unmarked(std::string word) {
  std::erase(word, '\0');
  return word;
}

}  // namespace amb

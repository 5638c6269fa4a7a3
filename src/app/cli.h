// SPDX-License-Identifier: Apache-2.0
//
// The command line: which command, and what was said for it.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace amb {

struct CommandLine {
  enum class Command {
    run,
    check,
    version,
    // Those that talk to a running one:
    status,
    rewire,
    reload,
    drain,
    resume,
    wait,
    healthcheck,
    sessions,
    why,
    events,
  };
  Command command = Command::run;
  std::vector<std::string> words;     ///< Wiring: HOST PORT, or NAME_PORT_n_TCP=url. Of rewire: URLs.
  std::optional<std::string> config;  ///< A file of links.
  bool compare = false;               ///< Of check: the file with what runs.
  bool json = false;
  bool all = false;  ///< Of check: options that are left as they are, too.

  std::optional<std::string> control;  ///< Where the running one listens, if not at the usual places.
  std::string link;                    ///< Empty: all of them.
  std::string existing;                ///< Of rewire: "keep", "cut", "drain=30s"; empty: as the link says.
  std::string close;                   ///< Of sessions: the one to end.
  bool back = false;                   ///< Of rewire: to what the link's source says.
  bool dry_run = false;                ///< Of rewire.
  bool force = false;                  ///< Of rewire: whatever the check of the new targets finds.
  std::chrono::milliseconds check_timeout{3000};  ///< Of rewire: for that check.
  std::chrono::milliseconds patience{0};          ///< Of rewire: so long for a target to be up.
  bool watch = false;                             ///< Of status.
  bool ready = false;                             ///< Of healthcheck: whether every link is served, too.
  std::chrono::milliseconds timeout{30000};       ///< Of wait.
};

/// Ends the program at once: --help, or a mistake on the command line.
struct ExitNow {
  int code = 0;
  std::string to_stdout;
  std::string to_stderr;
};

std::variant<CommandLine, ExitNow> parse_command_line(int argc, const char* const* argv);

}  // namespace amb

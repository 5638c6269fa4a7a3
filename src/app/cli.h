// SPDX-License-Identifier: Apache-2.0
//
// The command line: which command, and the words that are left for it.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace amb {

struct CommandLine {
  enum class Command { run, check, version };
  Command command = Command::run;
  std::vector<std::string> words;     ///< Wiring: HOST PORT, or NAME_PORT_n_TCP=url.
  std::optional<std::string> config;  ///< A file of links.
  bool json = false;
  bool all = false;  ///< Of check: options that are left as they are, too.
};

/// Ends the program at once: --help, or a mistake on the command line.
struct ExitNow {
  int code = 0;
  std::string to_stdout;
  std::string to_stderr;
};

std::variant<CommandLine, ExitNow> parse_command_line(int argc, const char* const* argv);

}  // namespace amb

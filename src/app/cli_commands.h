// SPDX-License-Identifier: Apache-2.0
//
// The subcommands as CLI11 is to know them.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/cli.h"

namespace amb {

/// Called for each --config, which is good before and behind the command word, but once.
class ConfigOption {
 public:
  void add_to(CLI::App& app);
  std::optional<std::string> path() const;
  /// A sentence, if it was not used as it is meant.
  const char* mistake() const;

 private:
  std::vector<std::string> paths_;
};

/// Adds them all. What they are told goes into `line`, which must live until everything is parsed.
void add_commands(CLI::App& app, CommandLine& line, ConfigOption& config);

/// Which of them was given; run when none was.
CommandLine::Command parsed_command(const CLI::App& app);

/// A sentence about what only together is a mistake; empty if nothing is.
std::string mistake_of(const CommandLine& line);

/// `check links.toml` is `check --config links.toml`, and is compared with what runs.
void take_file(CommandLine& line);

/// The command that a word was probably meant to be; nothing if it can be wiring.
std::optional<std::string_view> meant_command(const std::vector<std::string>& words);

/// CLI11 takes a word in brackets for a list, but here it is an address. With a NUL behind it, which no
/// argument can hold, it is a word like any other; unmarked() takes that off again.
std::string marked(std::string word);
std::string unmarked(std::string word);

}  // namespace amb

// SPDX-License-Identifier: Apache-2.0
//
// A command line, given as words.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "app/cli.h"

namespace amb::test {

using Words = std::vector<std::string>;

inline std::variant<CommandLine, ExitNow> parse(const Words& words) {
  std::vector<const char*> argv = {"ambassador"};
  for (const std::string& word : words) argv.push_back(word.c_str());
  return parse_command_line(static_cast<int>(argv.size()), argv.data());
}

}  // namespace amb::test

// SPDX-License-Identifier: Apache-2.0
//
// How a fuzz target says that a rule was broken: one line for people, then abort(), which both libFuzzer and
// the replay take for a crash.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <source_location>
#include <string>
#include <string_view>

namespace amb::test {

/// `rule` is the sentence that must hold for every input; `about` says what broke it.
inline void require(bool holds, std::string_view rule, std::string_view about = {},
                    const std::source_location& where = std::source_location::current()) {
  if (holds) [[likely]]
    return;
  const std::string line = std::string(rule) + (about.empty() ? "" : ": ") + std::string(about);
  std::fprintf(stderr, "%s:%u: broken rule: %s\n", where.file_name(), where.line(), line.c_str());
  std::abort();
}

/// What libFuzzer hands over, as text.
inline std::string_view as_text(const std::uint8_t* data, std::size_t size) {
  return size == 0 ? std::string_view("") : std::string_view(reinterpret_cast<const char*>(data), size);
}

}  // namespace amb::test

/// What libFuzzer and the replay call with each input.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

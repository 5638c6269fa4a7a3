// SPDX-License-Identifier: Apache-2.0
#include "fuzz/harmless.h"

#include <cstddef>

namespace amb::test {

namespace {

bool is_in(unsigned value, unsigned first, unsigned last) { return value >= first && value <= last; }

/// Length of the UTF-8 character at the front, by the table of RFC 3629 section 4; 0 if it is none.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const auto tail = [&](std::size_t i) { return is_in(byte(i), 0x80, 0xbf); };
  const unsigned a = byte(0), b = byte(1);
  if (a < 0x80) return 1;
  if (is_in(a, 0xc2, 0xdf)) return tail(1) ? 2 : 0;
  const unsigned lowest = a == 0xe0 ? 0xa0 : a == 0xf0 ? 0x90 : 0x80;
  const unsigned highest = a == 0xed ? 0x9f : a == 0xf4 ? 0x8f : 0xbf;
  if (!is_in(b, lowest, highest)) return 0;
  if (is_in(a, 0xe0, 0xef)) return tail(2) ? 3 : 0;
  return is_in(a, 0xf0, 0xf4) && tail(2) && tail(3) ? 4 : 0;
}

bool steers(std::string_view c) {
  if (c.size() == 1) return static_cast<unsigned char>(c[0]) < 0x20 || c[0] == 0x7f;
  const auto within = [c](std::string_view first, std::string_view last) { return c >= first && c <= last; };
  if (c == "\u061c") return true;
  return within("\u0080", "\u009f") || within("\u200e", "\u200f") || within("\u2028", "\u202e") ||
         within("\u2066", "\u2069") || c == "\ufeff";
}

}  // namespace

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

bool is_harmless(std::string_view line) {
  while (!line.empty()) {
    const std::size_t length = utf8_length(line);
    if (length == 0 || steers(line.substr(0, length))) return false;
    line.remove_prefix(length);
  }
  return true;
}

}  // namespace amb::test

// SPDX-License-Identifier: Apache-2.0
//
// Small things one does with text: making foreign text safe to print, reading numbers strictly, comparing
// without regard to case. ASCII only where letters matter; nothing here depends on a locale.
#pragma once

#include <charconv>
#include <concepts>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace amb {

/// Foreign text as one harmless line of valid UTF-8: control characters, DEL, quotes, backslashes, invalid
/// UTF-8 and characters that turn the direction of a line become \n \t \\ \" \xNN. Never longer than
/// `max_bytes`; what is cut ends in "…".
std::string escape_text(std::string_view text, std::size_t max_bytes = 256);

/// JSON that somebody else wrote, as any terminal may show it: what escape_text() would not let through
/// stands as \uXXXX, which within a string means the same. Lines stay lines.
std::string escape_json(std::string_view json);

std::string to_lower(std::string_view text);
std::string to_upper(std::string_view text);
bool equals_ignoring_case(std::string_view a, std::string_view b);

/// Without blanks and line ends before and behind it, as `echo` and editors leave them.
std::string_view trim(std::string_view text);
/// With a final NUL, as wire protocols have it. What stands behind a NUL inside would be read as something
/// else.
std::string c_string(std::string_view text);
/// The parts between separators; always at least one, which may be empty.
std::vector<std::string_view> split(std::string_view text, char separator);

bool is_digit(char c);
/// At least one character, all of them decimal digits.
bool is_digits(std::string_view text);

/// All of `text` as a decimal number: no sign, no space, nothing behind it, no overflow.
template <std::unsigned_integral Number>
std::optional<Number> parse_number(std::string_view text) {
  Number number = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || rest != end || text.empty()) return std::nullopt;
  return number;
}

/// The word that was probably meant, or nothing if none is near (more than a third of it would have to
/// change).
std::optional<std::string_view> nearest_word(std::string_view word, std::span<const std::string_view> words);

/// "a, b and c".
std::string join_words(std::span<const std::string_view> words);

}  // namespace amb

// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <numeric>

namespace amb {

namespace {

constexpr std::string_view kEllipsis = "…";

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

struct Character {
  std::size_t size_bytes = 0;  ///< 0: not valid UTF-8.
  std::uint32_t code_point = 0;
};

/// The first character of non-empty text, as RFC 3629 allows it: no overlong forms, no surrogates.
Character decode_utf8(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  if (first < 0x80) return {1, first};
  const std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < size) return {};
  std::uint32_t code_point = first & (0xffU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xc0) != 0x80) return {};
    code_point = (code_point << 6) | (byte & 0x3fU);
  }
  constexpr std::array<std::uint32_t, 5> kSmallest = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code_point >= 0xd800 && code_point <= 0xdfff;
  if (code_point < kSmallest[size] || code_point > 0x10ffff || surrogate) return {};
  return {size, code_point};
}

/// C0, DEL and C1 steer terminals; line separators and direction marks make a line read as another one.
bool is_harmless(std::uint32_t c) {
  const bool control = c < 0x20 || (c >= 0x7f && c <= 0x9f);
  const bool separator = c == 0x2028 || c == 0x2029;
  const bool direction = c == 0x061c || c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) ||
                         (c >= 0x2066 && c <= 0x2069);
  return !control && !separator && !direction && c != 0xfeff;
}

std::string escape_bytes(std::string_view bytes) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string result;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    result += {'\\', 'x', kHex[byte >> 4], kHex[byte & 0xf]};
  }
  return result;
}

/// One character of the text as it will be printed.
std::string escape_character(std::string_view bytes, bool harmless) {
  if (bytes == "\n") return "\\n";
  if (bytes == "\t") return "\\t";
  if (bytes == "\r") return "\\r";
  if (bytes == "\\" || bytes == "\"") return {'\\', bytes.front()};
  return harmless ? std::string(bytes) : escape_bytes(bytes);
}

/// Insertions, deletions and replacements that lead from one word to the other.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (lower(a[i - 1]) == lower(b[j - 1]) ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string escape_text(std::string_view text, std::size_t max_bytes) {
  std::string result;
  std::size_t last_cut = 0;  // the end of the last character that leaves room for the ellipsis
  while (!text.empty()) {
    const Character character = decode_utf8(text);
    const std::size_t size = std::max<std::size_t>(character.size_bytes, 1);
    const bool harmless = character.size_bytes != 0 && is_harmless(character.code_point);
    const std::string piece = escape_character(text.substr(0, size), harmless);
    if (result.size() + piece.size() > max_bytes) {
      result.resize(last_cut);
      if (max_bytes >= kEllipsis.size()) result += kEllipsis;
      return result;
    }
    result += piece;
    if (result.size() + kEllipsis.size() <= max_bytes) last_cut = result.size();
    text.remove_prefix(size);
  }
  return result;
}

std::string escape_json(std::string_view json) {
  constexpr std::string_view kHex = "0123456789abcdef";
  constexpr std::uint32_t kReplacement = 0xfffd;  // of bytes that are no UTF-8
  std::string result;
  result.reserve(json.size());
  while (!json.empty()) {
    const Character character = decode_utf8(json);
    const std::size_t size = std::max<std::size_t>(character.size_bytes, 1);
    const bool is_text = character.size_bytes != 0;
    if (json.front() == '\n' || (is_text && is_harmless(character.code_point))) {
      result += json.substr(0, size);
    } else {
      const std::uint32_t c = is_text ? character.code_point : kReplacement;  // none harmful is above U+FFFF
      result += {'\\', 'u', kHex[c >> 12U & 15U], kHex[c >> 8U & 15U], kHex[c >> 4U & 15U], kHex[c & 15U]};
    }
    json.remove_prefix(size);
  }
  return result;
}

std::string to_lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), lower);
  return result;
}

std::string to_upper(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), upper);
  return result;
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower, lower);
}

std::string c_string(std::string_view text) { return std::string(text.substr(0, text.find('\0'))) + '\0'; }

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const auto first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (auto end = text.find(separator); end != std::string_view::npos; end = text.find(separator)) {
    parts.push_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  parts.push_back(text);
  return parts;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_digits(std::string_view text) { return !text.empty() && std::ranges::all_of(text, is_digit); }

std::optional<std::string_view> nearest_word(std::string_view word, std::span<const std::string_view> words) {
  constexpr std::size_t kLongest =
      64;  // a longer one is no slip of the finger, and the work grows with its square
  if (word.empty() || word.size() > kLongest) return std::nullopt;
  std::optional<std::string_view> best;
  std::size_t shortest = 0;
  for (const std::string_view other : words) {
    const std::size_t most = std::max<std::size_t>(1, other.size() / 3);
    const std::size_t longer = std::max(word.size(), other.size()) - std::min(word.size(), other.size());
    if (longer > most || (best && longer >= shortest)) continue;  // so many would have to change at least
    const std::size_t distance = edit_distance(word, other);
    if (distance > most || (best && distance >= shortest)) continue;
    best = other;
    shortest = distance;
  }
  return best;
}

std::string join_words(std::span<const std::string_view> words) {
  std::string result;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) result += i + 1 == words.size() ? " and " : ", ";
    result += words[i];
  }
  return result;
}

}  // namespace amb

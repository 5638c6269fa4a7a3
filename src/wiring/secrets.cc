// SPDX-License-Identifier: Apache-2.0
#include "wiring/secrets.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "base/text.h"
#include "wiring/options.h"

namespace amb {

namespace {

constexpr std::array<std::string_view, 1> kSecret = {"health_password"};
constexpr std::string_view kSeparators = "&,";
constexpr std::string_view kNameCharacters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-%";
constexpr std::size_t kLongestName = 3 * 64;  // each character encoded; a longer word is no option

struct Span {
  std::size_t begin = 0;
  std::size_t size = 0;
};

/// The next '=' of the text, encoded or not; size 0 if there is none.
Span find_equals(std::string_view text, std::size_t from) {
  for (auto at = text.find_first_of("=%", from); at != std::string_view::npos;
       at = text.find_first_of("=%", at + 1)) {
    if (text[at] == '=') return {at, 1};
    if (equals_ignoring_case(text.substr(at, 3), "%3d")) return {at, 3};
  }
  return {};
}

std::string decode(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned byte = 0;
    const auto digits = text.substr(std::min(i + 1, text.size()), 2);
    const char* end = digits.data() + digits.size();
    const bool encoded =
        text[i] == '%' && digits.size() == 2 && std::from_chars(digits.data(), end, byte, 16).ptr == end;
    result += encoded ? static_cast<char>(byte) : text[i];
    if (encoded) i += 2;
  }
  return result;
}

/// The word that ends where an '=' begins; space and a quote may stand between.
std::string_view word_before(std::string_view text) {
  text = text.substr(0, text.find_last_not_of(" \t\"'") + 1);
  const auto shortest = text.size() - std::min(text.size(), kLongestName);
  const auto edge = text.find_last_not_of(kNameCharacters);
  return text.substr(std::max(edge == std::string_view::npos ? 0 : edge + 1, shortest));
}

/// A piece without separators: from the first secret on it is hidden.
std::string mask_piece(std::string_view piece) {
  for (auto equals = find_equals(piece, 0); equals.size > 0;
       equals = find_equals(piece, equals.begin + equals.size)) {
    if (!is_secret_name(decode(word_before(piece.substr(0, equals.begin))))) continue;
    return std::string(piece.substr(0, equals.begin + equals.size)) + std::string(kMask);
  }
  return std::string(piece);
}

}  // namespace

bool is_secret_name(std::string_view name) {
  if (to_lower(name).find("passw") != std::string::npos) return true;
  if (!nearest_word(name, kSecret)) return false;
  std::vector<std::string_view> names;  // "health_port" comes near, but is itself
  for (const Option& option : option_table()) names.push_back(option.name);
  return nearest_word(name, names) == kSecret.front();
}

std::string mask_secrets(std::string_view text) {
  std::string result;
  for (auto end = text.find_first_of(kSeparators); end != std::string_view::npos;
       end = text.find_first_of(kSeparators)) {
    result += mask_piece(text.substr(0, end)) + text[end];
    text.remove_prefix(end + 1);
  }
  return result + mask_piece(text);
}

std::string mask_known(std::string_view text, std::string_view secret) {
  std::string masked;
  std::size_t at = 0;
  for (std::size_t found; !secret.empty() && (found = text.find(secret, at)) != std::string_view::npos;
       at = found + secret.size()) {
    masked += text.substr(at, found - at);
    masked += kMask;
  }
  masked += text.substr(at);
  return masked;
}

}  // namespace amb

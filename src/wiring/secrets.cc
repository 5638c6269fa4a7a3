// SPDX-License-Identifier: Apache-2.0
#include "wiring/secrets.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <vector>

#include "base/text.h"
#include "wiring/options.h"

namespace amb {

namespace {

constexpr auto kNone = std::string_view::npos;
constexpr std::array<std::string_view, 1> kSecret = {"health_password"};
constexpr std::array<std::string_view, 2> kAsPeopleMisspell = {"password", "passwd"};
constexpr std::array<std::string_view, 9> kInside = {"pass",       "pwd",    "secret",    "token",     "auth",
                                                     "credential", "apikey", "accesskey", "privatekey"};
constexpr std::string_view kNameCharacters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.%";
constexpr std::string_view kSchemeCharacters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+.-";
constexpr std::size_t kLongestName = 3 * 64;  // each character encoded; a longer word is no option
constexpr std::string_view kBlanks = " \t\r\n\"'";

struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool is_empty() const { return begin == end; }
};

/// The next '=' of the text, encoded or not; empty if there is none.
Span find_equals(std::string_view text, std::size_t from) {
  for (auto at = text.find_first_of("=%", from); at != kNone; at = text.find_first_of("=%", at + 1)) {
    if (text[at] == '=') return {at, at + 1};
    if (equals_ignoring_case(text.substr(at, 3), "%3d")) return {at, at + 3};
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
  text = text.substr(0, text.find_last_not_of(kBlanks) + 1);
  if (text.size() > kLongestName) text.remove_prefix(text.size() - kLongestName);
  const auto edge = text.find_last_not_of(kNameCharacters);
  return text.substr(edge == kNone ? 0 : edge + 1);
}

/// Whether an option of ours begins here: "policy=".
bool begins_option(std::string_view text) {
  const auto name = text.substr(0, text.substr(0, kLongestName).find('='));
  return name.size() < text.size() && find_option(to_lower(decode(name))) != nullptr;
}

/// Where what belongs to a password that begins here ends.
std::size_t end_of_secret(std::string_view text, std::size_t from) {
  for (auto at = text.find_first_of("&,", from); at != kNone; at = text.find_first_of("&,", at + 1)) {
    const auto behind = text.substr(at + 1);
    if (text[at] == '&' ? begins_option(behind) : begins_target(behind)) return at;
  }
  return text.size();
}

std::string mask_options(std::string_view text) {
  std::string result;
  std::size_t shown = 0;
  for (Span equals = find_equals(text, 0); !equals.is_empty(); equals = find_equals(text, equals.end)) {
    if (!is_secret_name(decode(word_before(text.substr(shown, equals.begin - shown))))) continue;
    result += text.substr(shown, equals.end - shown);
    result += kMask;
    equals.end = shown = end_of_secret(text, equals.end);
  }
  return result += text.substr(shown);
}

/// Walks through the places where a URL may say its host, and finds those that say a user before it.
class Users {
 public:
  explicit Users(std::string_view text) : text_(text), last_(text.rfind('@')) {}

  /// The next one, from `from` on, without its '@'; empty if there is none.
  Span find(std::size_t from) {
    for (std::size_t at = from; last_ != kNone && at <= last_; at = next_place(at)) {
      if (is_place(at)) {
        const auto end = end_of_user(at);
        if (end != kNone) return {at, end};
      }
    }
    return {};
  }

 private:
  /// Behind the next character that may stand before a host.
  std::size_t next_place(std::size_t from) const {
    const auto at = text_.find_first_of(",=/\"' ", from);
    return at == kNone ? text_.size() : at + 1;
  }

  /// At the begin, behind "://", or behind a separator. A UNIX path has no host.
  bool is_place(std::size_t at) const {
    const auto before = text_.substr(0, at);
    if (text_.substr(at, 1) == "/" || text_.substr(at).starts_with("unix:")) return false;
    return !before.ends_with('/') || (before.ends_with("://") && !before.ends_with("unix://"));
  }

  /// Where the user ends whose URL says its host here: before the last '@' that can be its own.
  std::size_t end_of_user(std::size_t begin) {
    const auto rest = text_.substr(begin);
    const auto host = rest.substr(0, rest.find_first_of("/?#,&= \t\r\n\"'"));
    // Without a scheme it may be anything: a user alone is none.
    const bool has_scheme = text_.substr(0, begin).ends_with("://");
    const auto at_sign = host.find('@');
    const bool is_user = at_sign != kNone && (has_scheme || host.substr(0, at_sign).find(':') != kNone);
    if (!is_user && !is_broken_off(host)) return kNone;
    const auto at = last_of_region(begin);
    return at != kNone && at > begin ? at : kNone;
  }

  /// "user:pass" of "user:pass/word@host", whose password should have been encoded: that is no port.
  static bool is_broken_off(std::string_view host) {
    const auto colon = host.rfind(':');
    if (colon == kNone || host.starts_with('[')) return false;
    const bool is_ipv6 = host.find_first_not_of("0123456789abcdefABCDEF:.") == kNone;
    const auto port = host.substr(colon + 1);
    return !(is_ipv6 && host.find(':') != colon) && !is_digits(port) && !port.empty();
  }

  /// The last '@' before white space or the next URL. Remembered, for many places are in one region.
  std::size_t last_of_region(std::size_t begin) {
    if (begin >= region_end_) {
      region_end_ = begin;
      region_last_ = kNone;
      while (region_end_ < text_.size() && !ends_region(region_end_, begin)) {
        if (text_[region_end_] == '@') region_last_ = region_end_;
        ++region_end_;
      }
    }
    return region_last_ != kNone && region_last_ >= begin ? region_last_ : kNone;
  }

  bool ends_region(std::size_t at, std::size_t begin) const {
    if (kBlanks.find(text_[at]) != kNone) return true;
    return at > begin && text_[at] == ',' && begins_target(text_.substr(at + 1));
  }

  std::string_view text_;
  std::size_t last_;  ///< The text's last '@': behind it nobody need look.
  std::size_t region_end_ = 0;
  std::size_t region_last_ = kNone;
};

std::string mask_users(std::string_view text) {
  Users users(text);
  std::string result;
  std::size_t shown = 0;
  for (Span user = users.find(0); !user.is_empty(); user = users.find(user.end)) {
    result += text.substr(shown, user.begin - shown);
    result += kMask;
    shown = user.end;
  }
  return result += text.substr(shown);
}

}  // namespace

bool is_secret_name(std::string_view name) {
  std::string word;
  for (const char c : to_lower(name)) {
    if (c != '_' && c != '-' && c != '.') word += c;
  }
  const auto is_inside = [&word](std::string_view part) { return word.find(part) != std::string::npos; };
  if (word == "pw" || std::ranges::any_of(kInside, is_inside)) return true;
  if (nearest_word(name, kAsPeopleMisspell)) return true;
  if (!nearest_word(name, kSecret)) return false;
  std::vector<std::string_view> names;  // "health_port" comes near, but is itself
  for (const Option& option : option_table()) names.push_back(option.name);
  return nearest_word(name, names) == kSecret.front();
}

std::string mask_secrets(std::string_view text) { return mask_options(mask_users(text)); }

bool begins_target(std::string_view text) {
  constexpr std::size_t kLongestScheme = 16;
  const auto colon = text.substr(0, kLongestScheme + 1).find(':');
  if (colon == kNone || colon == 0) return false;
  const auto scheme = text.substr(0, colon);
  const bool is_word = scheme.find_first_not_of(kSchemeCharacters) == kNone;
  return is_word && (text.substr(colon, 3) == "://" || text.substr(colon, 2) == ":@");
}

bool has_user(std::string_view value) {
  Users users(value);
  bool is_option = false;  // behind the '?' of a target, where an '@' may be meant
  std::size_t seen = 0;
  for (Span user = users.find(0); !user.is_empty(); user = users.find(user.end)) {
    const auto between = value.substr(seen, user.begin - seen);
    if (const auto mark = between.find_last_of("?,"); mark != kNone) is_option = between[mark] == '?';
    if (!is_option) return true;
    seen = user.end;
  }
  return false;
}

std::string shown_value(std::string_view value) {
  constexpr std::size_t kMostShown = 512;
  std::string shown = mask_secrets(value);
  if (shown.size() <= kMostShown) return shown;
  std::size_t end = kMostShown;
  while (end > 0 && (static_cast<unsigned char>(shown[end]) & 0xc0U) == 0x80U) --end;  // inside a character
  shown.resize(end);
  return shown + "…";
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

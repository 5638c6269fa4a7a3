// SPDX-License-Identifier: Apache-2.0
#include "wiring/option_values.h"

#include <algorithm>
#include <array>
#include <limits>

#include "base/text.h"
#include "wiring/duration.h"
#include "wiring/host_port.h"

namespace amb {

namespace {

using Kind = HealthOptions::Kind;

template <class Value>
struct Word {
  std::string_view word;
  Value value;
};

constexpr std::array<Word<Policy>, 4> kPolicies = {{{"first", Policy::first},
                                                    {"round_robin", Policy::round_robin},
                                                    {"least_sessions", Policy::least_sessions},
                                                    {"random", Policy::random}}};

constexpr std::array<Word<Unavailable::Kind>, 3> kUnavailable = {{{"reset", Unavailable::Kind::reset},
                                                                  {"refuse", Unavailable::Kind::refuse},
                                                                  {"hold", Unavailable::Kind::hold}}};

constexpr std::array<Word<SessionFate::Kind>, 3> kFates = {{{"keep", SessionFate::Kind::keep},
                                                            {"cut", SessionFate::Kind::cut},
                                                            {"drain", SessionFate::Kind::drain}}};

constexpr std::array<Word<Kind>, 9> kChecks = {{{"none", Kind::none},
                                                {"tcp", Kind::tcp},
                                                {"http", Kind::http},
                                                {"redis", Kind::redis},
                                                {"redis-primary", Kind::redis_primary},
                                                {"postgres", Kind::postgres},
                                                {"postgres-primary", Kind::postgres_primary},
                                                {"mysql", Kind::mysql},
                                                {"send-expect", Kind::send_expect}}};

constexpr auto kChecksAccepted =
    "none, tcp, http, http:///path, http://host/path, redis, redis-primary, postgres, postgres-primary, "
    "mysql or "
    "send-expect";

std::unexpected<Complaint> complain(std::string what, std::string accepted) {
  return std::unexpected(Complaint{std::move(what), std::move(accepted)});
}

std::string quote(std::string_view text) { return "'" + escape_text(text, 80) + "'"; }

/// The value of a word, or a complaint that suggests the nearest one. `what` is "no policy" or alike.
template <class Value, std::size_t Size>
Checked<Value> parse_word(std::string_view text, const std::array<Word<Value>, Size>& words,
                          const std::string& what, const std::string& accepted) {
  const auto* found = std::ranges::find(words, text, &Word<Value>::word);
  if (found != words.end()) return found->value;
  std::array<std::string_view, Size> names;
  std::ranges::transform(words, names.begin(), &Word<Value>::word);
  const auto near = nearest_word(text, names);
  return complain(quote(text) + " is " + what + (near ? "; did you mean " + std::string(*near) + "?" : ""),
                  accepted);
}

template <class Value, std::size_t Size>
std::string_view word_of(Value value, const std::array<Word<Value>, Size>& words) {
  const auto* found = std::ranges::find(words, value, &Word<Value>::value);
  return found == words.end() ? std::string_view() : found->word;
}

/// "hold=5s" as its word and its duration; zero for the words that have none. `timed` is the word that has
/// one.
template <class Value>
struct Timed {
  Value kind;
  std::chrono::milliseconds duration{0};
};

template <class Value, std::size_t Size>
Checked<Timed<Value>> parse_timed(std::string_view text, const std::array<Word<Value>, Size>& words,
                                  Value timed, const std::string& what, const std::string& accepted) {
  const auto equals = std::min(text.find('='), text.size());
  const auto kind = parse_word(text.substr(0, equals), words, what, accepted);
  if (!kind) return std::unexpected(kind.error());
  const bool has_time = equals < text.size();
  if (has_time != (*kind == timed)) {
    return complain(quote(text) + (has_time ? " takes no duration" : " does not say how long"), accepted);
  }
  if (!has_time) return Timed<Value>{*kind};
  const auto duration = parse_duration(text.substr(equals + 1), Zero::refused);
  if (!duration) return std::unexpected(duration.error());
  return Timed<Value>{*kind, *duration};
}

/// What stands behind "http://".
Checked<HealthCheck> parse_http(std::string_view text) {
  const auto slash = std::min(text.find('/'), text.size());
  const auto host = text.substr(0, slash);
  const auto path = text.substr(slash);
  if (!host.empty()) {
    const auto checked = parse_host_port(host);
    if (!checked) return complain(checked.error().what, kChecksAccepted);
  }
  const auto odd = std::ranges::find_if(path, [](char c) { return c <= ' ' || c > '~' || c == '#'; });
  if (odd != path.end()) {
    const auto place = static_cast<std::size_t>(odd - path.begin());
    return complain("the path " + quote(path) + " holds '" + escape_text(path.substr(place, 1)) + "'",
                    "visible ASCII characters, others as %XX; in the options of a URL the '%' itself is %25");
  }
  if (text.size() > 512) return complain("host and path are longer than 512 bytes", kChecksAccepted);
  return HealthCheck{Kind::http, std::string(host), path.empty() ? "/" : std::string(path)};
}

}  // namespace

Checked<Policy> parse_policy(std::string_view text) {
  return parse_word(text, kPolicies, "no policy", "first, round_robin, least_sessions or random");
}

std::string format_policy(Policy policy) { return std::string(word_of(policy, kPolicies)); }

Checked<Unavailable> parse_unavailable(std::string_view text) {
  const auto timed = parse_timed(text, kUnavailable, Unavailable::Kind::hold, "nothing that can be done",
                                 "reset, refuse or hold=5s");
  if (!timed) return std::unexpected(timed.error());
  return Unavailable{timed->kind, timed->duration};
}

std::string format_unavailable(const Unavailable& unavailable) {
  const std::string word(word_of(unavailable.kind, kUnavailable));
  return unavailable.kind == Unavailable::Kind::hold ? word + "=" + format_duration(unavailable.hold) : word;
}

Checked<SessionFate> parse_session_fate(std::string_view text) {
  const auto timed = parse_timed(text, kFates, SessionFate::Kind::drain, "nothing that can be done",
                                 "keep, cut or drain=30s");
  if (!timed) return std::unexpected(timed.error());
  return SessionFate{timed->kind, timed->duration};
}

std::string format_session_fate(const SessionFate& fate) {
  const std::string word(word_of(fate.kind, kFates));
  return fate.kind == SessionFate::Kind::drain ? word + "=" + format_duration(fate.drain) : word;
}

Checked<HealthCheck> parse_health_check(std::string_view text) {
  constexpr std::string_view kHttp = "http://";
  if (text.starts_with(kHttp)) return parse_http(text.substr(kHttp.size()));
  if (text.starts_with("https")) return complain("health checks do not speak TLS", kChecksAccepted);
  const auto kind = parse_word(text, kChecks, "no check", kChecksAccepted);
  if (!kind) return std::unexpected(kind.error());
  return HealthCheck{.kind = *kind, .http_host = {}};
}

std::string format_health_check(const HealthOptions& health) {
  const std::string word(to_string(health.kind));
  const bool is_plain = health.kind != Kind::http || (health.http_host.empty() && health.http_path == "/");
  return is_plain ? word : word + "://" + health.http_host + health.http_path;
}

std::string_view to_string(HealthOptions::Kind kind) { return word_of(kind, kChecks); }

Checked<StatusRange> parse_status_range(std::string_view text) {
  const auto dash = std::min(text.find('-'), text.size());
  const auto low = parse_number<std::uint16_t>(text.substr(0, dash));
  const auto high = dash < text.size() ? parse_number<std::uint16_t>(text.substr(dash + 1)) : low;
  const bool in_range = low && high && *low >= 100 && *high <= 599 && *low <= *high;
  if (!in_range) return complain(quote(text) + " is no range of statuses", "200 or 200-399, from 100 to 599");
  return StatusRange{*low, *high};
}

std::string format_status_range(std::uint16_t low, std::uint16_t high) {
  return std::to_string(low) + (low == high ? "" : "-" + std::to_string(high));
}

Checked<std::uint32_t> parse_number_between(std::string_view text, std::uint32_t least, std::uint32_t most) {
  const auto number = parse_number<std::uint32_t>(text);
  if (number && *number >= least && *number <= most) return *number;
  const std::string range = "a number from " + std::to_string(least) + " to " + std::to_string(most);
  return complain(quote(text) + (is_digits(text) ? " is out of range" : " is not a number"), range);
}

Checked<std::uint16_t> parse_jitter(std::string_view text) {
  constexpr std::uint16_t kMost = 50;
  const auto digits = text.ends_with('%') ? text.substr(0, text.size() - 1) : text;
  const auto number = parse_number<std::uint16_t>(digits);
  if (number && *number <= kMost) return *number;
  return complain(quote(text) + " is no part of a pause", "a percentage from 0% to 50%");
}

/// All four digits: a number of a TOML file, be it 660 or 0o660, would come here as another one.
Checked<std::uint16_t> parse_mode(std::string_view text) {
  constexpr auto kAccepted = "four octal digits in quotes where there are any, such as 0660";
  const bool is_octal =
      text.size() == 4 && text.front() == '0' && text.find_first_not_of("01234567") == std::string_view::npos;
  if (!is_octal) return complain(quote(text) + " is no mode of a file", kAccepted);
  std::uint16_t mode = 0;
  for (const char digit : text) mode = static_cast<std::uint16_t>(mode * 8 + (digit - '0'));
  constexpr std::uint16_t kWrite = 0222;
  if ((mode & kWrite) == 0)
    return complain(quote(text) + " lets nobody write, and so nobody connect", kAccepted);
  return mode;
}

std::string format_mode(std::uint16_t mode) {
  std::string text = "0000";
  for (std::size_t place = text.size(); place-- > 0; mode /= 8)
    text[place] = static_cast<char>('0' + mode % 8);
  return text;
}

Checked<std::string> parse_account(std::string_view text) {
  constexpr std::size_t kMost = 64;
  constexpr std::string_view kCharacters =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-$";
  constexpr auto kAccepted = "a name that /etc/passwd or /etc/group knows, or a number up to 4294967294";
  const bool is_number = !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
  const auto number = parse_number<std::uint32_t>(text);
  const bool is_id = number && *number != std::numeric_limits<std::uint32_t>::max();  // -1 is "as it is"
  const bool is_name = !text.empty() && text.size() <= kMost && text.front() != '-' &&
                       text.find_first_not_of(kCharacters) == std::string_view::npos;
  if (is_number ? is_id : is_name) return std::string(text);
  return complain(quote(text) + " is neither a name nor a number of a user or group", kAccepted);
}

Checked<std::string> parse_plain_text(std::string_view text) {
  constexpr std::size_t kMost = 512;
  constexpr auto kAccepted = "text without control characters, at most 512 bytes";
  const bool steers =
      std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; });
  if (steers) return complain("it holds a control character", kAccepted);
  if (text.size() > kMost) return complain("it has " + std::to_string(text.size()) + " bytes", kAccepted);
  return std::string(text);
}

Checked<std::string> parse_bytes(std::string_view text) {
  constexpr std::size_t kMost = 1024;
  if (text.size() <= kMost) return std::string(text);
  return complain("it has " + std::to_string(text.size()) + " bytes",
                  "at most 1024 bytes; in the options of a URL any byte as %XX");
}

std::string show_bytes(std::string_view bytes) {
  return escape_text(bytes, std::numeric_limits<std::size_t>::max());
}

}  // namespace amb

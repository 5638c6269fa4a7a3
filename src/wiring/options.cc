// SPDX-License-Identifier: Apache-2.0
#include "wiring/options.h"

#include <algorithm>
#include <array>
#include <functional>
#include <type_traits>

#include "base/text.h"
#include "wiring/duration.h"
#include "wiring/host_port.h"
#include "wiring/listen_address.h"
#include "wiring/option_values.h"
#include "wiring/secrets.h"

namespace amb {

namespace {

using L = LinkOptions;
using H = HealthOptions;

/// A member of the options or of their health.
template <auto Field, class Options>
auto& field(Options& options) {
  if constexpr (std::is_invocable_v<decltype(Field), Options&>) {
    return std::invoke(Field, options);
  } else {
    return std::invoke(Field, options.health);
  }
}

/// Stores what was read, if it could be.
template <auto Field, class Value>
Checked<void> store(const Checked<Value>& value, OptionValues& into) {
  if (!value) return std::unexpected(value.error());
  auto& place = field<Field>(into.options);
  place = static_cast<std::remove_reference_t<decltype(place)>>(*value);
  return {};
}

template <auto Field, Zero Zeros = Zero::refused>
Checked<void> read_duration(std::string_view text, std::uint16_t /*link_port*/, OptionValues& into) {
  return store<Field>(parse_duration(text, Zeros), into);
}

template <auto Field>
std::string show_duration(const L& options) {
  return format_duration(field<Field>(options));
}

template <auto Field, std::uint32_t Least, std::uint32_t Most>
Checked<void> read_number(std::string_view text, std::uint16_t /*link_port*/, OptionValues& into) {
  return store<Field>(parse_number_between(text, Least, Most), into);
}

template <auto Field>
std::string show_number(const L& options) {
  return std::to_string(field<Field>(options));
}

template <auto Field>
Checked<void> read_text(std::string_view text, std::uint16_t /*link_port*/, OptionValues& into) {
  return store<Field>(parse_plain_text(text), into);
}

template <auto Field>
Checked<void> read_bytes(std::string_view text, std::uint16_t /*link_port*/, OptionValues& into) {
  return store<Field>(parse_bytes(text), into);
}

template <auto Field>
std::string show_text(const L& options) {
  return show_bytes(field<Field>(options));
}

std::string show_password(const L& options) {
  return options.health.password.empty() ? std::string() : std::string(kMask);
}

Checked<void> read_listen(std::string_view text, std::uint16_t link_port, OptionValues& into) {
  const auto address = parse_listen_address(text, link_port);
  if (!address) return std::unexpected(address.error());
  if (std::ranges::find(into.listen, *address) != into.listen.end()) return {};
  if (into.listen.size() == kMostListen)
    return std::unexpected(Complaint{"there are more than " + std::to_string(kMostListen) + " addresses",
                                     "several links, each with so many"});
  into.listen.push_back(*address);
  return {};
}

Checked<void> read_mode(std::string_view text, std::uint16_t /*link_port*/, OptionValues& into) {
  const auto mode = parse_mode(text);
  if (!mode) return std::unexpected(mode.error());
  into.options.file.mode = *mode;
  return {};
}

std::string show_mode(const L& options) {
  return options.file.mode ? format_mode(*options.file.mode) : std::string();
}

template <std::string SocketFile::* Field>
Checked<void> read_account(std::string_view text, std::uint16_t /*link_port*/, OptionValues& into) {
  const auto account = parse_account(text);
  if (!account) return std::unexpected(account.error());
  into.options.file.*Field = *account;
  return {};
}

template <std::string SocketFile::* Field>
std::string show_account(const L& options) {
  return options.file.*Field;
}

std::string show_nothing(const L& /*options*/) { return {}; }

Checked<void> read_policy(std::string_view text, std::uint16_t /*link_port*/, OptionValues& into) {
  return store<&L::policy>(parse_policy(text), into);
}

std::string show_policy(const L& options) { return format_policy(options.policy); }

Checked<void> read_health(std::string_view text, std::uint16_t /*link_port*/, OptionValues& into) {
  const auto check = parse_health_check(text);
  if (!check) return std::unexpected(check.error());
  into.options.health.kind = check->kind;
  into.options.health.http_host = check->http_host;
  into.options.health.http_path = check->http_path;
  return {};
}

std::string show_health(const L& options) { return format_health_check(options.health); }

Checked<void> read_health_jitter(std::string_view text, std::uint16_t /*link_port*/, OptionValues& into) {
  return store<&H::jitter_percent>(parse_jitter(text), into);
}

std::string show_health_jitter(const L& options) { return show_number<&H::jitter_percent>(options) + "%"; }

Checked<void> read_health_port(std::string_view text, std::uint16_t /*link_port*/, OptionValues& into) {
  return store<&H::port>(parse_port(text), into);
}

std::string show_health_port(const L& options) {
  return options.health.port == 0 ? std::string() : std::to_string(options.health.port);
}

Checked<void> read_health_status(std::string_view text, std::uint16_t /*link_port*/, OptionValues& into) {
  const auto range = parse_status_range(text);
  if (!range) return std::unexpected(range.error());
  into.options.health.status_low = range->low;
  into.options.health.status_high = range->high;
  return {};
}

std::string show_health_status(const L& options) {
  return format_status_range(options.health.status_low, options.health.status_high);
}

Checked<void> read_on_down(std::string_view text, std::uint16_t /*link_port*/, OptionValues& into) {
  return store<&L::on_down>(parse_session_fate(text), into);
}

std::string show_on_down(const L& options) { return format_session_fate(options.on_down); }

Checked<void> read_on_rewire(std::string_view text, std::uint16_t /*link_port*/, OptionValues& into) {
  return store<&L::on_rewire>(parse_session_fate(text), into);
}

std::string show_on_rewire(const L& options) { return format_session_fate(options.on_rewire); }

Checked<void> read_unavailable(std::string_view text, std::uint16_t /*link_port*/, OptionValues& into) {
  return store<&L::unavailable>(parse_unavailable(text), into);
}

std::string show_unavailable(const L& options) { return format_unavailable(options.unavailable); }

Checked<void> read_max_ttl(std::string_view text, std::uint16_t link_port, OptionValues& into) {
  const auto duration = parse_duration(text, Zero::refused);
  if (duration && *duration < std::chrono::seconds(1)) {
    return std::unexpected(
        Complaint{"'" + escape_text(text) + "' is too short", "a duration of at least 1s"});
  }
  return read_duration<&L::max_ttl>(text, link_port, into);
}

constexpr auto kMostSessions = 1'000'000;

constexpr std::array kOptions = std::to_array<Option>({
    {"listen", "address, repeatable", "",
     "where to listen: tcp://IP[:PORT], IP, IP:PORT, unix:///path or unix:@name", read_listen, show_nothing,
     true},
    {"mode", "four octal digits", "", "of a UNIX path that it listens on: who may connect, such as 0660",
     read_mode, show_mode},
    {"owner", "user", "", "of such a path: the user that has it", read_account<&SocketFile::owner>,
     show_account<&SocketFile::owner>},
    {"group", "group", "", "of such a path: the group that has it", read_account<&SocketFile::group>,
     show_account<&SocketFile::group>},
    {"policy", "first, round_robin, least_sessions, random", "first",
     "which of several endpoints a session is led to", read_policy, show_policy},
    {"connect_timeout", "duration", "1s", "one attempt to connect to one endpoint",
     read_duration<&L::connect_timeout>, show_duration<&L::connect_timeout>},
    {"connect_total", "duration", "3s", "all attempts of one session, resolving the name included",
     read_duration<&L::connect_total>, show_duration<&L::connect_total>},
    {"connect_retries", "number, 0 to 10", "1", "further rounds through the endpoints once all have failed",
     read_number<&L::connect_retries, 0, 10>, show_number<&L::connect_retries>},
    {"eject_after", "number, 0 to 1000", "1",
     "failed connects in a row that set an endpoint aside; 0 is never", read_number<&L::eject_after, 0, 1000>,
     show_number<&L::eject_after>},
    {"eject_for", "duration", "10s", "until one session may try such an endpoint again",
     read_duration<&L::eject_for>, show_duration<&L::eject_for>},
    {"slow_start", "duration", "0s", "an endpoint that is back gets its full share after this",
     read_duration<&L::slow_start, Zero::allowed>, show_duration<&L::slow_start>},
    {"max_sessions", "number, 0 to 1000000", "0",
     "sessions of the link at a time; 0 leaves a tenth of the program's to other links",
     read_number<&L::max_sessions, 0, kMostSessions>, show_number<&L::max_sessions>},
    {"endpoint_sessions", "number, 0 to 1000000", "0", "sessions at one endpoint at a time; 0 is any number",
     read_number<&L::endpoint_sessions, 0, kMostSessions>, show_number<&L::endpoint_sessions>},
    {"health", "none, tcp, http, redis, …", "none", "how the endpoints are asked whether they are well",
     read_health, show_health},
    {"health_interval", "duration", "2s", "from one question to the next", read_duration<&H::interval>,
     show_duration<&H::interval>},
    {"health_timeout", "duration", "1s", "how long an answer may take", read_duration<&H::timeout>,
     show_duration<&H::timeout>},
    {"health_rise", "number, 1 to 100", "2", "good answers in a row that bring an endpoint up",
     read_number<&H::rise, 1, 100>, show_number<&H::rise>},
    {"health_fall", "number, 1 to 100", "3", "failures in a row that bring it down",
     read_number<&H::fall, 1, 100>, show_number<&H::fall>},
    {"health_jitter", "percentage, 0% to 50%", "20%", "each pause is shorter by up to so much",
     read_health_jitter, show_health_jitter},
    {"health_port", "port", "", "where to ask, if it is not where sessions go", read_health_port,
     show_health_port},
    {"health_status", "status, or two with a dash", "200-399", "of http: the statuses that are well",
     read_health_status, show_health_status},
    {"health_user", "text", "", "of redis, postgres and mysql: whom to ask as", read_text<&H::user>,
     show_text<&H::user>},
    {"health_password", "text", "", "of redis and postgres: the password of that user; never shown",
     read_text<&H::password>, show_password},
    {"health_database", "text", "", "of postgres: the database to ask in", read_text<&H::database>,
     show_text<&H::database>},
    {"health_banner", "bytes", "", "of send-expect: what the server says first, before the question",
     read_bytes<&H::banner>, show_text<&H::banner>},
    {"health_send", "bytes", "", "of send-expect: the question", read_bytes<&H::send>, show_text<&H::send>},
    {"health_expect", "bytes", "", "of send-expect: what the answer must hold", read_bytes<&H::expect>,
     show_text<&H::expect>},
    {"on_down", "keep, cut, drain=DURATION", "keep",
     "what becomes of the sessions at an endpoint that goes down", read_on_down, show_on_down},
    {"on_rewire", "keep, cut, drain=DURATION", "keep",
     "what becomes of the sessions elsewhere when the link leads elsewhere, or goes", read_on_rewire,
     show_on_rewire},
    {"unavailable", "reset, refuse, hold=DURATION", "reset", "what a consumer meets while no endpoint is up",
     read_unavailable, show_unavailable},
    {"max_ttl", "duration, 1s or more", "1m", "a name is asked for again at least this often", read_max_ttl,
     show_duration<&L::max_ttl>},
    {"empty_grace", "duration", "30s", "how long an answer \"no such name\" is not believed",
     read_duration<&L::empty_grace, Zero::allowed>, show_duration<&L::empty_grace>},
    {"half_close_timeout", "duration", "1h", "one side has ended and nothing moved for this long",
     read_duration<&L::half_close_timeout>, show_duration<&L::half_close_timeout>},
    {"idle_timeout", "duration", "0s", "nothing moved either way for this long; 0 is never",
     read_duration<&L::idle_timeout, Zero::allowed>, show_duration<&L::idle_timeout>},
    {"dead_peer", "duration", "1m", "bytes sent and not acknowledged for this long",
     read_duration<&L::dead_peer>, show_duration<&L::dead_peer>},
    {"abort_flush", "duration", "5s",
     "after a reset: what is left to deliver makes no progress for this long", read_duration<&L::abort_flush>,
     show_duration<&L::abort_flush>},
});

}  // namespace

std::span<const Option> option_table() { return kOptions; }

const Option* find_option(std::string_view name) {
  const auto* option = std::ranges::find(kOptions, name, &Option::name);
  return option == kOptions.end() ? nullptr : option;
}

Complaint unknown_option(std::string_view name, std::span<const std::string_view> also) {
  std::vector<std::string_view> names(also.begin(), also.end());
  for (const Option& option : kOptions) names.push_back(option.name);
  Complaint complaint{"option '" + escape_text(mask_secrets(name), 60) + "' is not known", join_words(names)};
  if (const auto near = nearest_word(name, names))
    complaint.what += "; did you mean " + std::string(*near) + "?";
  return complaint;
}

}  // namespace amb

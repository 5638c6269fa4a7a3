// SPDX-License-Identifier: Apache-2.0
#include "wiring/settings.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/text.h"
#include "wiring/complaint.h"
#include "wiring/duration.h"
#include "wiring/host_port.h"
#include "wiring/listen_address.h"
#include "wiring/secrets.h"

namespace amb {

namespace {

using Read = Checked<void> (*)(std::string_view text, Settings& settings);

struct SettingRow {
  std::string_view name;
  Read read;
};

std::unexpected<Complaint> complain(std::string_view text, std::string what, std::string accepted) {
  return std::unexpected(Complaint{"'" + escape_text(text, 80) + "' is " + what, std::move(accepted)});
}

Checked<void> read_workers(std::string_view text, Settings& settings) {
  const auto number = parse_number<std::uint16_t>(text);
  if (!number || *number < 1 || *number > 256)
    return complain(text, "no number of workers", "a number from 1 to 256");
  settings.workers = *number;
  return {};
}

Checked<void> read_duration(std::string_view text, std::chrono::milliseconds& into) {
  const auto duration = parse_duration(text, Zero::allowed);
  if (!duration)
    return std::unexpected(Complaint{duration.error().what, "500ms, 9s, 1m, a number of seconds, or 0"});
  into = *duration;
  return {};
}

Checked<void> read_drain(std::string_view text, Settings& settings) {
  return read_duration(text, settings.drain);
}

Checked<void> read_linger(std::string_view text, Settings& settings) {
  return read_duration(text, settings.linger);
}

Checked<void> read_log(std::string_view text, Settings& settings) {
  if (text != "text" && text != "json") return complain(text, "no log format", "text or json");
  settings.log_format = text == "text" ? LogFormat::text : LogFormat::json;
  return {};
}

Checked<void> read_log_level(std::string_view text, Settings& settings) {
  constexpr std::array<std::string_view, 4> kLevels = {"debug", "info", "warning", "error"};
  const auto level = std::ranges::find(kLevels, text);
  if (level == kLevels.end()) return complain(text, "no log level", join_words(kLevels));
  settings.log_level = static_cast<LogLevel>(level - kLevels.begin());
  return {};
}

/// "off", "errors", "all", or "10%": failures, and so much of the rest.
Checked<void> read_records(std::string_view text, Settings& settings) {
  settings.records_failures = text != "off";
  settings.recorded_percent = text == "all" ? 100 : 0;
  if (text == "off" || text == "errors" || text == "all") return {};
  const auto percent = parse_percent(text);
  if (!percent)
    return complain(text, "no choice of records",
                    "off, errors, all, or 0% to 100% of the sessions that end well");
  settings.recorded_percent = *percent;
  return {};
}

Checked<void> read_traces(std::string_view text, Settings& settings) {
  return read_trace_target(text, settings.traces);
}

Checked<void> read_traces_sample(std::string_view text, Settings& settings) {
  return read_trace_sample(text, settings.traces);
}

Checked<void> read_glimpses(std::string_view text, Settings& settings) {
  if (text != "on" && text != "off") return complain(text, "no choice of glimpses", "on or off");
  settings.has_glimpses = text == "on";
  return {};
}

Checked<void> read_max_sessions(std::string_view text, Settings& settings) {
  const auto number = parse_number<std::size_t>(text);
  if (!number || *number == 0) return complain(text, "no number of sessions", "a number from 1");
  settings.max_sessions = *number;
  return {};
}

Checked<void> read_control(std::string_view text, Settings& settings) {
  if (text != "none") {
    const auto path = parse_unix_path(text);
    if (!path) {
      return std::unexpected(Complaint{
          path.error().what, "an absolute path of at most 107 bytes for the control socket, or none"});
    }
  }
  settings.control = text;
  return {};
}

Checked<void> read_admin(std::string_view text, Settings& settings) {
  constexpr auto kAccepted = "IP:PORT, such as 127.0.0.1:9900 or [::1]:9900";
  const auto where = parse_host_port(text);
  if (!where) return std::unexpected(Complaint{where.error().what, kAccepted});
  if (!where->host.address) return complain(text, "a name, not an address to listen on", kAccepted);
  if (!where->port) return complain(text, "an address without a port", kAccepted);
  settings.admin = where->host.address->with_port(*where->port);
  return {};
}

/// What is said of it never holds it, nor a part of it.
Checked<void> read_admin_token(std::string_view text, Settings& settings) {
  const bool is_visible = std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
  if (!is_visible || text.size() < 16 || text.size() > 512) {
    return std::unexpected(
        Complaint{is_visible ? "the token has " + std::to_string(text.size()) + " characters"
                             : "the token holds a space or an invisible character",
                  "16 to 512 visible ASCII characters, such as openssl rand -hex 16 prints"});
  }
  settings.admin_token = text;
  return {};
}

Checked<void> read_admin_token_file(std::string_view text, Settings& settings) {
  settings.admin_token_file = text;
  return {};
}

Checked<void> read_admin_hosts(std::string_view text, Settings& settings) {
  const auto parts = split(text, ',');
  if (parts.size() > kMostAdminHosts) {
    return std::unexpected(Complaint{"there are " + std::to_string(parts.size()) + " hosts",
                                     "at most " + std::to_string(kMostAdminHosts) + " hosts"});
  }
  for (const auto part : parts) {
    const auto host = parse_host_port(trim(part));
    if (!host)
      return std::unexpected(Complaint{host.error().what, "host or host:port, several separated by commas"});
    settings.admin_hosts.emplace_back(trim(part));
  }
  return {};
}

/// Read elsewhere, with the links they are about.
Checked<void> leave_to_wiring(std::string_view /*text*/, Settings& /*settings*/) { return {}; }

constexpr std::array<SettingRow, 18> kRows = {{
    {"AMBASSADOR_ADMIN", read_admin},
    {"AMBASSADOR_ADMIN_HOSTS", read_admin_hosts},
    {"AMBASSADOR_ADMIN_TOKEN", read_admin_token},
    {"AMBASSADOR_ADMIN_TOKEN_FILE", read_admin_token_file},
    {"AMBASSADOR_CONFIG", leave_to_wiring},
    {"AMBASSADOR_CONTROL", read_control},
    {"AMBASSADOR_DRAIN", read_drain},
    {"AMBASSADOR_GLIMPSES", read_glimpses},
    {"AMBASSADOR_LINGER", read_linger},
    {"AMBASSADOR_LINKS", leave_to_wiring},
    {"AMBASSADOR_LOG", read_log},
    {"AMBASSADOR_LOG_LEVEL", read_log_level},
    {"AMBASSADOR_MAX_SESSIONS", read_max_sessions},
    {"AMBASSADOR_PORTS", leave_to_wiring},
    {"AMBASSADOR_RECORDS", read_records},
    {"AMBASSADOR_TRACES", read_traces},
    {"AMBASSADOR_TRACES_SAMPLE", read_traces_sample},
    {"AMBASSADOR_WORKERS", read_workers},
}};

constexpr auto kNames = [] {
  std::array<std::string_view, kRows.size()> names;
  std::ranges::transform(kRows, names.begin(), &SettingRow::name);
  return names;
}();

/// An ambassador may be linked under the alias "ambassador" or "ambassador-x"; what Docker and Kubernetes set
/// for it begins like our settings: AMBASSADOR_PORT_6379_TCP_ADDR, AMBASSADOR_X_NAME=/me/ambassador-x.
bool belongs_to_a_link(std::string_view name, std::string_view value) {
  constexpr std::array<std::string_view, 3> kInside = {"_ENV_", "_SERVICE_PORT_", "_PORT_"};
  if (std::ranges::any_of(kInside, [name](auto word) { return name.find(word) != std::string_view::npos; }))
    return true;
  if (name.ends_with("_SERVICE_HOST") || name.ends_with("_SERVICE_PORT")) return true;
  if (name.ends_with("_NAME")) return value.starts_with('/');
  return name.ends_with("_PORT") && value.find("://") != std::string_view::npos;
}

Complaint unknown_setting(std::string_view name) {
  Complaint complaint{"there is no setting " + escape_text(name, 80), join_words(kNames)};
  if (const auto near = nearest_word(name, kNames))
    complaint.what += "; did you mean " + std::string(*near) + "?";
  return complaint;
}

/// AMBASSADOR_ADMIN_TOKEN, whatever it is misspelt as.
bool is_secret_setting(std::string_view name) {
  if (name.ends_with("_FILE")) return false;
  constexpr std::array<std::string_view, 4> kInside = {"TOK", "SECRET", "PASS", "KEY"};
  return is_secret_name(name) || nearest_word(name, kNames) == "AMBASSADOR_ADMIN_TOKEN" ||
         std::ranges::any_of(kInside,
                             [name](auto word) { return name.find(word) != std::string_view::npos; });
}

/// What no variable is wrong about alone.
void check_together(const Settings& settings, Problems& problems) {
  const bool has_token = !settings.admin_token.empty();
  const bool has_file = !settings.admin_token_file.empty();
  constexpr auto kAccepted =
      "a token in AMBASSADOR_ADMIN_TOKEN, or a file that holds it in AMBASSADOR_ADMIN_TOKEN_FILE";
  if (settings.admin && !has_token && !has_file) {
    problems.push_back({{Origin::Kind::variable, "AMBASSADOR_ADMIN"},
                        settings.admin->to_string(),
                        "whoever reaches this port could steer the program: it is not opened without a token",
                        kAccepted});
  }
  if (has_token && has_file) {
    problems.push_back({{Origin::Kind::variable, "AMBASSADOR_ADMIN_TOKEN_FILE"},
                        settings.admin_token_file,
                        "AMBASSADOR_ADMIN_TOKEN says the token already",
                        kAccepted});
  }
}

}  // namespace

Settings read_settings(const std::vector<std::pair<std::string, std::string>>& environment,
                       Problems& problems) {
  Settings settings;
  bool has_bad_token = false;
  for (const auto& [name, value] : environment) {
    if (!name.starts_with("AMBASSADOR_")) continue;
    const auto* row = std::ranges::find(kRows, name, &SettingRow::name);
    Checked<void> outcome;
    if (row != kRows.end()) {
      if (trim(value).empty()) continue;  // `-e NAME=` in a compose file means: as if it were not there
      outcome = row->read(trim(value), settings);
    } else if (belongs_to_a_link(name, value)) {
      continue;
    } else if (problems.is_full()) {
      problems.leave_out(1);
      continue;
    } else {
      outcome = std::unexpected(unknown_setting(name));
    }
    if (outcome) continue;
    has_bad_token = has_bad_token || name.starts_with("AMBASSADOR_ADMIN_TOKEN");
    problems.push_back({{Origin::Kind::variable, name},
                        is_secret_setting(name) ? std::string(kMask) : shown_value(value),
                        outcome.error().what,
                        outcome.error().accepted});
  }
  read_otel_variables(environment, settings.traces, problems);
  if (!has_bad_token) check_together(settings, problems);
  return settings;
}

}  // namespace amb

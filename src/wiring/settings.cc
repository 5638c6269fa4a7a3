// SPDX-License-Identifier: Apache-2.0
#include "wiring/settings.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/text.h"
#include "wiring/complaint.h"
#include "wiring/duration.h"

namespace amb {

namespace {

using Read = Checked<void> (*)(std::string_view text, Settings& settings);

struct Row {
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

Checked<void> read_drain(std::string_view text, Settings& settings) {
  const auto duration = parse_duration(text, Zero::allowed);
  if (!duration)
    return std::unexpected(Complaint{duration.error().what, "500ms, 9s, 1m, a number of seconds, or 0"});
  settings.drain = *duration;
  return {};
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

Checked<void> read_max_sessions(std::string_view text, Settings& settings) {
  const auto number = parse_number<std::size_t>(text);
  if (!number || *number == 0) return complain(text, "no number of sessions", "a number from 1");
  settings.max_sessions = *number;
  return {};
}

/// Read elsewhere, with the links they are about.
Checked<void> leave_to_wiring(std::string_view /*text*/, Settings& /*settings*/) { return {}; }

constexpr std::array<Row, 8> kRows = {{
    {"AMBASSADOR_CONFIG", leave_to_wiring},
    {"AMBASSADOR_DRAIN", read_drain},
    {"AMBASSADOR_LINKS", leave_to_wiring},
    {"AMBASSADOR_LOG", read_log},
    {"AMBASSADOR_LOG_LEVEL", read_log_level},
    {"AMBASSADOR_MAX_SESSIONS", read_max_sessions},
    {"AMBASSADOR_PORTS", leave_to_wiring},
    {"AMBASSADOR_WORKERS", read_workers},
}};

constexpr auto kNames = [] {
  std::array<std::string_view, kRows.size()> names;
  std::ranges::transform(kRows, names.begin(), &Row::name);
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

}  // namespace

Settings read_settings(const std::vector<std::pair<std::string, std::string>>& environment,
                       std::vector<Problem>& problems) {
  Settings settings;
  for (const auto& [name, value] : environment) {
    if (!name.starts_with("AMBASSADOR_")) continue;
    const auto* row = std::ranges::find(kRows, name, &Row::name);
    Checked<void> outcome;
    if (row != kRows.end()) {
      if (trim(value).empty()) continue;  // `-e NAME=` in a compose file means: as if it were not there
      outcome = row->read(value, settings);
    } else if (!belongs_to_a_link(name, value)) {
      outcome = std::unexpected(unknown_setting(name));
    }
    if (outcome) continue;
    problems.push_back(
        {{Origin::Kind::variable, name}, value, outcome.error().what, outcome.error().accepted});
  }
  return settings;
}

}  // namespace amb

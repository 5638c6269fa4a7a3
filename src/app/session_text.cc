// SPDX-License-Identifier: Apache-2.0
#include "app/session_text.h"

#include <algorithm>
#include <chrono>

#include "app/human.h"
#include "app/json_fields.h"
#include "app/status_text.h"
#include "app/table.h"

namespace amb {

namespace {

namespace json = boost::json;
using std::chrono::milliseconds;

std::string ago(const json::value& failure, const char* key, std::int64_t now_ms) {
  const auto then = static_cast<std::int64_t>(number_field(failure, key));
  return human_time(milliseconds(std::max<std::int64_t>(now_ms - then, 0)));
}

/// "session_failed: no_upstream, Connection refused, at 10.0.0.5:6379"
std::string cause_of(const json::value& failure) {
  std::string text = text_field(failure, "event");
  std::string_view separator = ": ";
  for (const char* key : {"reason", "error"}) {
    const std::string part = text_field(failure, key);
    if (part.empty()) continue;
    text += std::string(separator) + part;
    separator = ", ";
  }
  const std::string where = text_field(failure, "where");
  return where.empty() || where == "-" ? text : text + ", at " + where;
}

/// ", tls for db.example (postgresql)"
std::string protocol_of(const json::value& session) {
  const std::string protocol = text_field(session, "protocol");
  if (protocol.empty() || protocol == "none") return {};
  const std::string name = text_field(session, "server_name"), inside = text_field(session, "alpn");
  return ", " + protocol + (name.empty() ? "" : " for " + name) + (inside.empty() ? "" : " (" + inside + ")");
}

}  // namespace

std::string sessions_text(const json::value& list, const Screen& screen) {
  const auto& sessions = list_field(list, "sessions");
  if (sessions.empty()) return "no sessions\n";
  Table table({{"ID"},
               {"LINK"},
               {"STATE"},
               {"TO UPSTREAM", Table::Side::right},
               {"TO DOWNSTREAM", Table::Side::right},
               {"AGE", Table::Side::right},
               {"QUIET", Table::Side::right}});
  for (const json::value& session : sessions) {
    table.add({{text_field(session, "id"), Style::strong},
               {fit(text_field(session, "link"), 16)},
               {text_field(session, "state")},
               {human_bytes(number_field(session, "bytes_to_upstream"))},
               {human_bytes(number_field(session, "bytes_to_downstream"))},
               {human_time(milliseconds(number_field(session, "age_ms")))},
               {human_time(milliseconds(number_field(session, "quiet_ms")))}});
    const std::string upstream = text_field(session, "upstream");
    table.add_line(text_field(session, "downstream") + " -> " +
                       (upstream.empty() ? "nowhere yet" : upstream) + protocol_of(session),
                   2);
  }
  const std::uint64_t left_out = number_field(list, "left_out");
  std::string text = table.text(screen);
  if (left_out > 0) text += "and " + human_count(left_out) + " more\n";
  return text;
}

std::string why_text(const json::value& why, const Screen& screen, std::int64_t now_ms) {
  const std::string state = text_field(why, "state");
  std::string standing = wrap(state_text(why, now_ms), screen.columns, 4);
  standing.pop_back();
  std::string text = paint(text_field(why, "link"), Style::strong, screen.colour) + " is " +
                     paint(standing, style_of_state(state), screen.colour) + "\n" +
                     human_plural(number_field(why, "opened"), "session") + " opened\n";
  Table closed({{"CLOSED BECAUSE OF"}, {"SESSIONS", Table::Table::Side::right}});
  for (const auto& [reason, count] : map_field(why, "closed"))
    closed.add({{text_of(json::value(reason))}, {human_count(number_of(count))}});
  if (!map_field(why, "closed").empty()) text += "\n" + closed.text(screen);
  const auto& failures = list_field(why, "failures");
  if (failures.empty()) return text + "\nnothing has gone wrong of late\n";
  Table table({{"LAST"}, {"TIMES", Table::Table::Side::right}, {"SINCE", Table::Table::Side::right}});
  for (const json::value& failure : failures) {
    table.add({{ago(failure, "last_ms", now_ms) + " ago"},
               {human_count(number_field(failure, "count"))},
               {ago(failure, "first_ms", now_ms)}});
    table.add_line(cause_of(failure), 2, Style::quiet);
  }
  return text + "\n" + table.text(screen);
}

}  // namespace amb

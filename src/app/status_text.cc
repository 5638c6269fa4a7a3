// SPDX-License-Identifier: Apache-2.0
#include "app/status_text.h"

#include <algorithm>
#include <vector>

#include "app/human.h"
#include "app/json_fields.h"
#include "app/table.h"

namespace amb {

namespace {

namespace json = boost::json;
using std::chrono::milliseconds;

std::string head_of(const json::value& status, const Screen& screen, std::int64_t now_ms) {
  std::string state = wrap(state_text(status, now_ms), screen.columns, 4);
  state.pop_back();
  const std::string text = "ambassador " + text_field(status, "version") + ", up " +
                           human_time(std::chrono::seconds(number_field(status, "uptime_s"))) + ", " +
                           human_plural(number_field(status, "sessions"), "session") + " of at most " +
                           human_count(number_field(status, "most_sessions"));
  const std::string config = text_field(status, "config");
  return paint(state, style_of_state(text_field(status, "state")), screen.colour) + "\n" +
         wrap(text, screen.columns, 4) +
         (config.empty() ? "" : wrap("links of " + config, screen.columns, 4));
}

std::string rejection_of(const json::value& status, const Screen& screen, std::int64_t now_ms) {
  const json::value& rejection = field(status, "last_rejection");
  if (!rejection.is_object()) return {};
  const auto time_ms = static_cast<std::int64_t>(number_field(rejection, "time_ms"));
  const auto& problems = list_field(rejection, "problems");
  std::string text = wrap("The wiring is the old one: a reload was turned down " +
                              human_time(milliseconds(std::max<std::int64_t>(now_ms - time_ms, 0))) + " ago.",
                          screen.columns, 4);
  if (!problems.empty()) {
    text += "    " +
            wrap(text_field(problems.front(), "from") + ": " + text_field(problems.front(), "problem") +
                     (problems.size() == 1 ? "" : " (and " + std::to_string(problems.size() - 1) + " more)"),
                 screen.columns - 4, 6);
  }
  text.pop_back();
  return paint(text, Style::bad, screen.colour) + "\n";
}

/// The same link in an earlier status; null for one that was not there.
const json::value& link_before(const StatusBefore* before, const std::string& name) {
  static const json::value kNone;
  if (before == nullptr) return kNone;
  for (const json::value& link : list_field(before->status, "links")) {
    if (text_field(link, "name") == name) return link;
  }
  return kNone;
}

/// How much more it is now, in a second.
std::uint64_t rate_of(const json::value& link, const json::value& earlier, const char* key,
                      milliseconds ago) {
  const std::uint64_t now = number_field(link, key), then = number_field(earlier, key);
  if (now <= then || ago.count() <= 0) return 0;
  const double per_second = static_cast<double>(now - then) * 1000 / static_cast<double>(ago.count());
  return static_cast<std::uint64_t>(per_second + 0.5);
}

void add_endpoint(const json::value& endpoint, Table& table) {
  std::string state = text_field(endpoint, "health");
  if (number_field(endpoint, "ejected_by") > 0 && state != "down" && state != "standby") state = "ejected";
  table.add({{"  " + text_field(endpoint, "address")},
             {state, style_of_state(state)},
             {human_count(number_field(endpoint, "sessions"))}});
  const std::string reason = text_field(endpoint, "reason");
  if ((state == "down" || state == "standby") && !reason.empty()) table.add_line(reason, 6, Style::quiet);
}

/// Those with trouble come first.
int rank_of(const json::value& link) {
  const std::string state = text_field(link, "state");
  return state == "down" || state == "failing" ? 0 : state == "settling" ? 1 : state == "drained" ? 2 : 3;
}

void add_link(const json::value& link, const StatusBefore* before, std::int64_t now_ms, Table& table) {
  const std::string name = text_field(link, "name"), state = text_field(link, "state");
  const json::value& earlier = link_before(before, name);
  const auto shown = [&](const char* key, std::string (*human)(std::uint64_t)) -> std::string {
    if (before == nullptr) return human(number_field(link, key));
    return earlier.is_null() ? "-" : human(rate_of(link, earlier, key, before->ago)) + "/s";
  };
  table.add({{name, Style::strong},
             {state, style_of_state(state)},
             {human_count(number_field(link, "sessions"))},
             {shown("opened", human_count)},
             {shown("bytes_to_upstream", human_bytes)},
             {shown("bytes_to_downstream", human_bytes)}});
  if (!text_field(link, "reason").empty()) table.add_line(state_text(link, now_ms), 2, style_of_state(state));
  table.add_line(joined_field(link, "listen") + " -> " + joined_field(link, "upstream"), 2);
  if (!list_field(link, "declared").empty())
    table.add_line("rewired; its source says " + joined_field(link, "declared"), 2, Style::quiet);
  for (const json::value& endpoint : list_field(link, "endpoints")) add_endpoint(endpoint, table);
}

}  // namespace

std::string state_text(const json::value& standing, std::int64_t now_ms) {
  std::string text = text_field(standing, "state");
  std::ranges::replace(text, '_', ' ');
  const auto since = static_cast<std::int64_t>(number_field(standing, "since_ms"));
  if (since != 0) text += " for " + human_time(milliseconds(std::max<std::int64_t>(now_ms - since, 0)));
  const std::string reason = text_field(standing, "reason");
  return reason.empty() ? text : text + ": " + reason;
}

Style style_of_state(std::string_view state) {
  if (state == "up" || state == "ready") return Style::good;
  if (state == "down" || state == "failing" || state == "degraded" || state == "at_limit") return Style::bad;
  return state == "unchecked" ? Style::plain : Style::quiet;
}

std::string status_text(const json::value& status, const StatusBefore* before, const Screen& screen,
                        std::int64_t now_ms) {
  Table table({{"LINK"},
               {"STATE"},
               {"SESSIONS", Table::Side::right},
               {"OPENED", Table::Side::right},
               {"TO UPSTREAM", Table::Side::right},
               {"TO DOWNSTREAM", Table::Side::right}});
  std::vector<const json::value*> links;
  for (const json::value& link : list_field(status, "links")) links.push_back(&link);
  std::ranges::stable_sort(links, {}, [](const json::value* link) { return rank_of(*link); });
  for (const json::value* link : links) add_link(*link, before, now_ms, table);
  return head_of(status, screen, now_ms) + rejection_of(status, screen, now_ms) + "\n" + table.text(screen);
}

}  // namespace amb

// SPDX-License-Identifier: Apache-2.0
#include "app/answer_text.h"

#include "app/human.h"
#include "app/json_fields.h"
#include "app/table.h"

namespace amb {

namespace {

namespace json = boost::json;

struct StepLook {
  std::string_view sign = "~";
  Style style = Style::quiet;
};

StepLook look_of(std::string_view kind) {
  if (kind == "add") return {"+", Style::good};
  if (kind == "remove") return {"-", Style::bad};
  return {};
}

Style style_of_level(std::string_view level) {
  return level == "error" ? Style::bad : level == "warning" ? Style::quiet : Style::plain;
}

std::string value_text(const json::value& value) {
  if (!value.is_string()) return std::to_string(number_of(value));
  const std::string text = text_of(value);
  const bool is_plain = !text.empty() && text.find_first_of(" =,") == std::string::npos;
  return is_plain ? text : '"' + text + '"';
}

std::string padded(std::string text, std::size_t size) {
  text.resize(std::max(text.size(), size), ' ');
  return text;
}

/// "tcp://db:5432 at 10.0.0.5:5432"; the address alone where the target is one.
std::string place_of(const json::value& finding) {
  const std::string target = text_field(finding, "target"), address = text_field(finding, "address");
  const bool is_one = address.empty() || target.ends_with(address);
  return is_one ? target : target + " at " + address;
}

/// "3 sessions at former endpoints are kept".
std::string former_text(std::uint64_t sessions, const std::string& existing) {
  const std::string who = human_plural(sessions, "session") + " at former endpoints ";
  const bool is_one = sessions == 1;
  if (existing == "keep") return who + (is_one ? "is kept" : "are kept");
  if (existing == "cut") return who + (is_one ? "is reset" : "are reset");
  const std::string time = existing.starts_with("drain=") ? existing.substr(6) : existing;
  return who + (is_one ? "has " : "have ") + time + " to end";
}

}  // namespace

std::string plan_text(const json::value& change, const Screen& screen) {
  std::string text;
  for (const json::value& step : list_field(change, "steps")) {
    const auto [sign, style] = look_of(text_field(step, "kind"));
    text += paint(std::string(sign) + " " + text_field(step, "link"), style, screen.colour) + "\n";
    for (const json::value& detail : list_field(step, "details"))
      text += "    " + wrap(text_of(detail), screen.columns - 4, 6);
  }
  return text;
}

std::string findings_text(const json::value& change, const Screen& screen) {
  std::string text;
  for (const json::value& finding : list_field(change, "targets")) {
    const Style style = flag_field(finding, "is_well") ? Style::good : Style::bad;
    text +=
        "    " + place_of(finding) + ": " + paint(text_field(finding, "said"), style, screen.colour) + "\n";
  }
  if (const std::uint64_t more = number_field(change, "targets_left_out"); more > 0)
    text += "    " + std::to_string(more) + " more were not checked\n";
  if (const std::uint64_t former = number_field(change, "former_sessions"); former > 0)
    text += "    " + former_text(former, text_field(change, "existing")) + "\n";
  return text;
}

std::string findings_warning(const json::value& change) {
  std::string text;
  for (const json::value& finding : list_field(change, "targets")) {
    if (flag_field(finding, "is_well")) continue;
    text += "ambassador: warning: " + place_of(finding) + ": " + text_field(finding, "said") + "\n";
  }
  return text;
}

std::string error_text(const json::value& error) {
  std::string text = "ambassador: " + text_field(error, "error") + "\n";
  const std::string accepted = text_field(error, "accepted");
  if (!accepted.empty()) text += "  accepted: " + accepted + "\n";
  for (const json::value& problem : list_field(error, "problems")) {
    text += text_field(problem, "from") + ": " + text_field(problem, "problem") + "\n";
    const std::string value = text_field(problem, "value");
    if (!value.empty()) text += "  found:    " + value + "\n";
    text += "  accepted: " + text_field(problem, "accepted") + "\n";
  }
  return text;
}

std::string event_text(const json::value& event, bool colour) {
  const std::string level = text_field(event, "level");
  std::string text = text_field(event, "time") + " " +
                     paint(padded(level, 7), style_of_level(level), colour) + " " +
                     paint(text_field(event, "event"), Style::strong, colour);
  if (!event.is_object()) return text;
  for (const auto& [key, value] : event.get_object()) {
    if (key == "time" || key == "level" || key == "event") continue;
    text += " " + text_of(json::value(key)) + "=" + value_text(value);
  }
  return text;
}

}  // namespace amb

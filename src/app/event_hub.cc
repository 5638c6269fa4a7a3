// SPDX-License-Identifier: Apache-2.0
#include "app/event_hub.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/text.h"

namespace amb {

namespace {

std::string text_of(std::initializer_list<LogField> fields, std::string_view key) {
  for (const LogField& field : fields) {
    const auto* text = std::get_if<std::string>(&field.value);
    if (field.key == key && text != nullptr) return escape_text(*text);
  }
  return {};
}

std::string first_text_of(std::initializer_list<LogField> fields, std::span<const std::string_view> keys) {
  for (const std::string_view key : keys) {
    if (std::string text = text_of(fields, key); !text.empty()) return text;
  }
  return {};
}

bool is_failure(LogLevel level, std::string_view event) {
  return level >= LogLevel::warning || event == "session_failed";
}

}  // namespace

void EventHub::on_line(std::int64_t time_ms, LogLevel level, std::string_view event,
                       std::initializer_list<LogField> fields) {
  ++last_number_;
  ++counts_[std::string(event)];
  if (!listeners_.empty()) {
    const ControlEvent told{last_number_, std::string(event),
                            format_line(LogFormat::json, time_ms, level, event, fields)};
    for (EventListener* listener : std::vector(listeners_)) listener->on_event(told);
  }
  if (!is_failure(level, event)) return;
  constexpr std::array<std::string_view, 4> kPlaces = {"endpoint", "upstream", "name", "address"};
  const Failure failure{.first_ms = time_ms,
                        .last_ms = time_ms,
                        .count = 1,
                        .event = std::string(event),
                        .reason = text_of(fields, "reason"),
                        .error = text_of(fields, "error"),
                        .where = first_text_of(fields, kPlaces)};
  if (const std::string link = text_of(fields, "link"); !link.empty()) return remember(link, failure);
  const std::string name = text_of(fields, "name");
  if (name.empty()) return;
  for (const std::size_t link : links_.live()) {
    if (std::ranges::count(links_[link].targets, name, &Target::name) != 0)
      remember(links_[link].name, failure);
  }
}

void EventHub::remember(const std::string& link, const Failure& failure) {
  if (!failures_.contains(link)) forget_others();
  std::list<Failure>& known = failures_[link];
  const auto same = std::ranges::find_if(known, [&](const Failure& one) {
    return one.event == failure.event && one.reason == failure.reason && one.error == failure.error &&
           one.where == failure.where;
  });
  if (same != known.end()) {
    same->last_ms = failure.last_ms;
    ++same->count;
    known.splice(known.begin(), known, same);
    return;
  }
  known.push_front(failure);
  if (known.size() > kMostFailures) known.pop_back();
}

std::vector<Failure> EventHub::failures(const std::string& link) const {
  const auto known = failures_.find(link);
  if (known == failures_.end()) return {};
  return {known->second.begin(), known->second.end()};
}

void EventHub::forget_others() {
  std::erase_if(failures_, [this](const auto& known) { return !links_.find(known.first); });
}

}  // namespace amb

// SPDX-License-Identifier: Apache-2.0
#include "base/log_repeats.h"

#include <fmt/format.h>

#include <algorithm>

namespace amb {

std::string with_count(std::string_view line, std::uint64_t more, std::int64_t within_s) {
  if (line.ends_with('}'))
    return fmt::format(R"({},"more":{},"within_s":{}}})", line.substr(0, line.size() - 1), more, within_s);
  return fmt::format("{} more={} within_s={}", line, more, within_s);
}

std::string LogRepeats::told(const Entry& entry, Clock::time_point now) {
  const auto within =
      std::chrono::ceil<std::chrono::seconds>(std::min(now, entry.begin + entry.window) - entry.begin);
  return with_count(entry.last, entry.counted, std::max<std::int64_t>(within.count(), 1));
}

bool LogRepeats::admit(const Repeated& repeated, std::string_view line, Clock::time_point now) {
  auto found = entries_.find(repeated.key);
  if (found == entries_.end()) {
    if (entries_.size() >= kMostKeys) return true;
    found = entries_.emplace(repeated.key, Entry{.left = repeated.told, .last = {}, .begin = now}).first;
    found->second.window = repeated.window;
  }
  Entry& entry = found->second;
  if (entry.left > 0) {
    --entry.left;
    return true;
  }
  ++entry.counted;
  entry.last = line;
  return false;
}

std::vector<std::string> LogRepeats::take_due(Clock::time_point now) {
  std::vector<std::string> lines;
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    if (now < entry->second.begin + entry->second.window) {
      ++entry;
    } else if (entry->second.counted == 0) {
      entry = entries_.erase(entry);  // it is over: the next one is news again
    } else {
      lines.push_back(told(entry->second, now));
      entry->second.counted = 0;
      entry->second.begin = now;
      ++entry;
    }
  }
  return lines;
}

std::vector<std::string> LogRepeats::take_all() {
  std::vector<std::string> lines;
  const auto now = Clock::now();
  for (const auto& [key, entry] : entries_) {
    if (entry.counted > 0) lines.push_back(told(entry, now));
  }
  entries_.clear();
  return lines;
}

std::optional<LogRepeats::Clock::time_point> LogRepeats::next_due() const {
  std::optional<Clock::time_point> next;
  for (const auto& [key, entry] : entries_) {
    const auto due = entry.begin + entry.window;
    if (!next || due < *next) next = due;
  }
  return next;
}

}  // namespace amb

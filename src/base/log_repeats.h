// SPDX-License-Identifier: Apache-2.0
//
// Lines that say the same again and again: the first few are written, the others are counted, and at the end
// of each window the last of them is written with their number. A storm is so told by one line in a window
// for as long as it lasts, whatever its strength.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace amb {

/// What says the same, and how much of it is written.
struct Repeated {
  std::string key;    ///< The event, and whom and what it is about.
  unsigned told = 5;  ///< So many are written before others are counted.
  std::chrono::seconds window{10};
};

class LogRepeats {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::size_t kMostKeys = 4096;  ///< What is beyond them is written.

  /// Whether this line is written now. If not, it is counted.
  bool admit(const Repeated& repeated, std::string_view line, Clock::time_point now);

  /// The lines, with their numbers, of windows that are over.
  std::vector<std::string> take_due(Clock::time_point now);
  /// Those of all windows, which begin anew.
  std::vector<std::string> take_all();

  /// When take_due() will have something to do; nothing while no line is remembered.
  std::optional<Clock::time_point> next_due() const;

 private:
  struct Entry {
    unsigned left = 0;  ///< That may still be written in this window.
    std::uint64_t counted = 0;
    std::string last;  ///< Of those that were counted.
    Clock::time_point begin;
    std::chrono::seconds window{};
  };
  static std::string told(const Entry& entry, Clock::time_point now);

  std::map<std::string, Entry, std::less<>> entries_;
};

/// The line with two fields more: `more` lines like it in `within_s` seconds.
std::string with_count(std::string_view line, std::uint64_t more, std::int64_t within_s);

}  // namespace amb

// SPDX-License-Identifier: Apache-2.0
#include "wiring/duration.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/text.h"

namespace amb {

namespace {

struct Unit {
  std::string_view name;
  std::uint64_t milliseconds;
};

constexpr std::array<Unit, 4> kUnits = {{{"h", 3'600'000}, {"m", 60'000}, {"s", 1000}, {"ms", 1}}};
constexpr std::uint64_t kLongestMs = 365ULL * 24 * 3'600'000;

/// Milliseconds per step of the unit; 0 for a unit we do not know.
std::uint64_t unit_ms(std::string_view name) {
  if (name.empty()) return 1000;
  const auto* unit = std::ranges::find(kUnits, name, &Unit::name);
  return unit == kUnits.end() ? 0 : unit->milliseconds;
}

}  // namespace

Checked<std::chrono::milliseconds> parse_duration(std::string_view text, Zero zero) {
  const Complaint complaint{"'" + escape_text(text) + "' is not a duration",
                            zero == Zero::allowed ? "500ms, 9s, 1m, 2h, a number of seconds, or 0"
                                                  : "500ms, 9s, 1m, 2h or a number of seconds, more than 0"};
  const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto number = parse_number<std::uint64_t>(text.substr(0, digits));
  const auto factor = unit_ms(text.substr(digits));
  if (!number || factor == 0) return std::unexpected(complaint);
  if (*number > kLongestMs / factor) {
    return std::unexpected(Complaint{"'" + escape_text(text) + "' is too long", "at most 8760h"});
  }
  if (*number == 0 && zero == Zero::refused) {
    return std::unexpected(Complaint{"a duration of 0 would end everything at once", complaint.accepted});
  }
  return std::chrono::milliseconds(*number * factor);
}

std::string format_duration(std::chrono::milliseconds duration) {
  if (duration.count() == 0) return "0s";
  const auto count = static_cast<std::uint64_t>(duration.count());
  const auto* unit =
      std::ranges::find_if(kUnits, [count](const Unit& u) { return count % u.milliseconds == 0; });
  return std::to_string(count / unit->milliseconds) + std::string(unit->name);
}

}  // namespace amb

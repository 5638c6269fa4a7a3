// SPDX-License-Identifier: Apache-2.0
//
// Any environment, as /proc/PID/environ shows it: NAME=VALUE, each ended by a NUL. It gives links or
// problems, never a wrong one of either, and settings that can be written down again.
#include <algorithm>

#include "base/text.h"
#include "fuzz/require.h"
#include "fuzz/wiring_oracle.h"
#include "wiring/duration.h"
#include "wiring/settings.h"

namespace amb {
namespace {

using test::require;

WiringInput with_environment(std::string_view text) {
  WiringInput input = test::plain_input();
  for (const auto entry : split(text, '\0')) {
    const auto equals = entry.find('=');
    if (equals != std::string_view::npos)
      input.environment.emplace_back(entry.substr(0, equals), entry.substr(equals + 1));
  }
  return input;
}

void require_sane_settings(const WiringInput& input, const Settings& settings) {
  require(!settings.workers || (*settings.workers >= 1 && *settings.workers <= 256), "1 to 256 workers");
  require(settings.max_sessions != std::size_t{0}, "at least one session");
  const auto again = parse_duration(format_duration(settings.drain), Zero::allowed);
  require(again && *again == settings.drain, "the drain can be written down",
          format_duration(settings.drain));

  std::vector<Problem> problems;
  const Settings twice = read_settings({{"AMBASSADOR_DRAIN", format_duration(settings.drain)}}, problems);
  require(problems.empty() && twice.drain == settings.drain, "and be given as a setting again");
  const bool none = std::ranges::none_of(
      input.environment, [](const auto& variable) { return variable.first.starts_with("AMBASSADOR_"); });
  require(!none || (!settings.workers && !settings.max_sessions && !settings.log_format),
          "nothing is set that nobody has set");
}

}  // namespace
}  // namespace amb

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace amb;
  const WiringInput input = with_environment(test::as_text(data, size));
  Findings findings = find_wiring(input);
  require_sane_settings(input, read_settings(input.environment, findings.problems));
  test::require_whole(input, findings);
  test::require_harmless_reports(findings);
  return 0;
}

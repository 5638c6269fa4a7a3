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

  Problems problems;
  const Settings twice = read_settings({{"AMBASSADOR_DRAIN", format_duration(settings.drain)}}, problems);
  require(problems.empty() && twice.drain == settings.drain, "and be given as a setting again");
  const bool none = std::ranges::none_of(
      input.environment, [](const auto& variable) { return variable.first.starts_with("AMBASSADOR_"); });
  require(!none || (!settings.workers && !settings.max_sessions && !settings.log_format),
          "nothing is set that nobody has set");
}

bool input_has_settings(const WiringInput& input) {
  return std::ranges::any_of(input.environment, [](const auto& variable) {
    return to_upper(variable.first).starts_with("AMBASSADOR_");
  });
}

bool is_name_of_a_container(std::string_view name, std::string_view value) {
  return name.ends_with("_NAME") && value.starts_with('/');
}

/// Docker gives a consumer its service's own variables as ALIAS_ENV_*; where those lead is not our business.
void require_no_copies(const WiringInput& input, const Findings& findings) {
  std::vector<std::string> names;
  for (const auto& [name, value] : input.environment) names.push_back(to_upper(name));
  for (const auto& [name, value] : input.environment) {
    const std::string upper = to_upper(name);
    const bool is_only_one = std::ranges::count(names, upper) == 1;
    if (!is_only_one || !is_name_of_a_container(upper, value)) continue;
    const std::string copies = upper.substr(0, upper.size() - 4) + "ENV_";
    // An alias such as db-env has a container's name of its own.
    const auto is_own_name = [&](const std::string& n) {
      return n.starts_with(copies) && n.ends_with("NAME");
    };
    if (std::ranges::any_of(names, is_own_name)) continue;
    for (const auto& link : findings.links) {
      for (const auto& origin : link.origins) {
        require(!to_upper(origin.name).starts_with(copies), "a copied variable makes no link", origin.name);
      }
    }
  }
}

}  // namespace
}  // namespace amb

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace amb;
  const WiringInput input = with_environment(test::as_text(data, size));
  Findings findings = find_wiring(input);
  require_sane_settings(input, read_settings(input.environment, findings.problems));
  test::require_whole(input, findings);
  require_no_copies(input, findings);
  test::require_harmless_reports(findings);
  // What AMBASSADOR_LINKS or AMBASSADOR_PORTS holds is shown as it is: a password has no business there.
  if (!input_has_settings(input)) test::require_kept_secret(test::as_text(data, size), findings);
  return 0;
}

// SPDX-License-Identifier: Apache-2.0
#include "wiring/plan.h"

#include <algorithm>
#include <map>
#include <string>
#include <string_view>

#include "base/text.h"
#include "wiring/listen_address.h"
#include "wiring/options.h"

namespace amb {

namespace {

void tell_listen(const Link& before, const Link& after, std::vector<std::string>& details) {
  if (before.listen == after.listen) return;
  for (const auto& address : before.listen) {
    if (std::ranges::count(after.listen, address) == 0)
      details.push_back("listen -" + format_listen_address(address));
  }
  for (const auto& address : after.listen) {
    if (std::ranges::count(before.listen, address) == 0)
      details.push_back("listen +" + format_listen_address(address));
  }
}

void tell_options(const Link& before, const Link& after, std::vector<std::string>& details) {
  const auto shown = [](std::string text) { return text.empty() ? std::string("nothing") : text; };
  const std::size_t told = details.size();
  for (const Option& option : option_table()) {
    const std::string was = option.show(before.options);
    const std::string now = option.show(after.options);
    if (was != now) details.push_back(std::string(option.name) + " " + shown(was) + " -> " + shown(now));
  }
  if (told == details.size() && before.options != after.options)
    details.emplace_back("a password is another one");
}

PlanStep tell_change(const Link& before, const Link& after) {
  PlanStep step{PlanStep::Kind::change, after.name, {}};
  if (before.name != after.name) step.details.push_back("name " + before.name + " -> " + after.name);
  tell_listen(before, after, step.details);
  const std::string was = join_targets(before);
  const std::string now = join_targets(after);
  if (was != now) step.details.push_back("upstream " + was + " -> " + now);
  tell_options(before, after, step.details);
  return step;
}

PlanStep tell_whole(PlanStep::Kind kind, const Link& link) {
  PlanStep step{kind, link.name, {}};
  for (const auto& address : link.listen) step.details.push_back("listen " + format_listen_address(address));
  step.details.push_back("upstream " + join_targets(link));
  return step;
}

}  // namespace

Plan make_plan(std::span<const Link> before, std::span<const Link> after) {
  Plan plan;
  std::vector<bool> is_taken(before.size(), false);
  std::map<std::string_view, std::size_t> place_of;
  std::map<std::string, std::size_t> place_at;  // no two listen at one address
  for (std::size_t i = 0; i < before.size(); ++i) {
    place_of.emplace(before[i].name, i);
    place_at.emplace(before[i].listen.front().to_string(), i);
  }
  for (const Link& link : after) {
    const auto same = place_of.find(link.name);
    plan.before_of.push_back(same == place_of.end() ? std::nullopt : std::optional(same->second));
    if (plan.before_of.back()) is_taken[*plan.before_of.back()] = true;
  }
  for (std::size_t i = 0; i < after.size(); ++i) {
    auto& same = plan.before_of[i];
    if (!same) {  // with another name it is still the same: `redis` becomes `redis:6379` beside a second one
      const auto renamed = place_at.find(after[i].listen.front().to_string());
      if (renamed != place_at.end() && !is_taken[renamed->second]) same = renamed->second;
    }
    if (same) is_taken[*same] = true;
    PlanStep step = same ? tell_change(before[*same], after[i]) : tell_whole(PlanStep::Kind::add, after[i]);
    if (step.details.empty()) continue;
    plan.changed.push_back(i);
    plan.steps.push_back(std::move(step));
  }
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (is_taken[i]) continue;
    plan.removed.push_back(i);
    plan.steps.push_back(tell_whole(PlanStep::Kind::remove, before[i]));
  }
  return plan;
}

std::string_view to_string(PlanStep::Kind kind) {
  switch (kind) {
    case PlanStep::Kind::add:
      return "add";
    case PlanStep::Kind::change:
      return "change";
    case PlanStep::Kind::remove:
      return "remove";
  }
  return "";
}

std::string join_targets(const Link& link) {
  std::string text;
  for (const Target& target : link.targets) text += (text.empty() ? "" : ", ") + escape_text(target.text);
  return text;
}

}  // namespace amb

// SPDX-License-Identifier: Apache-2.0
//
// A link is led elsewhere by a command. Its new targets are checked first, and only one that is up, `force`
// or the way back lets the change be made:
//
//   judge ──▶ examine (again, with `wait`) ──▶ judge anew, by what holds now ──▶ apply
//
// Meanwhile everything goes on, and may change: the last request for a link counts, and what its source says.
#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <utility>

#include "app/control_loops.h"
#include "app/live_change.h"
#include "app/live_wiring.h"
#include "base/await.h"
#include "base/text.h"
#include "wiring/option_values.h"
#include "wiring/rewire.h"

namespace amb {

namespace {

constexpr std::chrono::milliseconds kExamineAgain{500};
constexpr std::size_t kMostTold = 3;

ControlError rewire_failed(const Problems& problems) {
  return {422, "the rewire failed", {}, listed(problems)};
}

ControlError stays(const std::string& link, const Problems& problems) {
  return {422, "link " + link + " stays as it is", {}, listed(problems)};
}

ControlError superseded(const std::string& link) {
  return {409, "a later request has rewired " + escape_text(link) + " meanwhile", {}, {}};
}

/// "tcp" of "tcp://tcp:6379": a name alone is what does not resolve.
std::string bare_name(const std::string& target) {
  constexpr std::string_view kScheme = "tcp://";
  if (!target.starts_with(kScheme)) return target;
  return target.substr(kScheme.size(), target.rfind(':') - kScheme.size());
}

/// "10.0.0.5:6379 refuses connections", "tcp does not resolve".
std::string sentence_of(const TargetFinding& finding) {
  const std::string who = finding.address.empty() ? bare_name(finding.target) : finding.address;
  return who + (finding.said.starts_with("no ") ? ": " : " ") + finding.said;
}

std::string sentences_of(const std::vector<TargetFinding>& findings) {
  std::string text;
  for (std::size_t i = 0; i < std::min(findings.size(), kMostTold); ++i)
    text += (i == 0 ? "" : "; ") + sentence_of(findings[i]);
  if (findings.size() > kMostTold) text += "; and " + std::to_string(findings.size() - kMostTold) + " more";
  return text;
}

/// Whether the check has a say: the link would lead elsewhere, or its endpoints be checked otherwise.
bool is_another_place(const Link& now, const Link& wanted) {
  return join_targets(now) != join_targets(wanted) || now.options.health != wanted.options.health;
}

void put_findings(Examination found, ChangeResult& into) {
  into.targets = std::move(found.findings);
  into.targets_left_out = found.left_out;
  into.addresses = std::move(found.addresses);
}

}  // namespace

LiveWiring::Task<Controlled<ChangeResult>> LiveWiring::rewire(RewireRequest request) {
  if (is_stopping_) co_return std::unexpected(stopping_error());
  const auto number = find(request.link);
  if (!number) co_return std::unexpected(number.error());
  const auto asked = begin_rewire(*number);
  // The way back needs nothing but what is known.
  auto planned = co_await read_and_plan(request);
  if (!planned) co_return std::unexpected(planned.error());
  const Link wanted = planned->wanted[planned->place];
  Examination found;
  std::string refusal;
  const bool looks_first = request.dry_run || !(request.back || request.force);
  if (planned->changes && looks_first) {
    const bool is_refusable = !request.back && !request.force;
    const bool has_say = is_refusable && is_another_place(links_[planned->number], wanted);
    *planned = {};  // with ten thousand links no small matter while targets are waited for
    auto examined = co_await examine(request, wanted, has_say, *asked);
    if (!examined) co_return std::unexpected(std::move(examined.error()));
    found = std::move(*examined);
    if (has_say && !found.is_any_well()) refusal = refusal_of(request, found);
    if (!refusal.empty() && !request.dry_run)
      co_return std::unexpected(refused(std::move(refusal), std::move(found.findings)));
    planned = co_await read_and_plan(request);
  }
  auto result = guarded([&] { return apply_rewire(request, std::move(planned), *asked); },
                        [&](Problem problem) { return rewire_failed({std::move(problem)}); });
  if (!result) co_return result;
  if (result->was_applied && !looks_first) found = co_await sources_.examine(wanted, request.check_timeout);
  put_findings(std::move(found), *result);
  result->refusal = std::move(refusal);
  co_return result;
}

/// Those of the same link that are still under way are in the order in which they came.
std::shared_ptr<LiveWiring::Asked> LiveWiring::begin_rewire(std::size_t number) {
  std::erase_if(asked_, [](const auto& one) { return one.expired(); });
  const Link* replaced = declared(number);
  auto asked = std::make_shared<Asked>(
      Asked{.link = number, .declared = replaced == nullptr ? links_[number] : *replaced});
  asked_.push_back(asked);
  return asked;
}

/// A later request for the link has been carried out: who asked before it is too late.
void LiveWiring::supersede(const Asked& by) {
  for (const auto& weak : asked_) {
    const auto other = weak.lock();
    if (other.get() == &by) return;
    if (other && other->link == by.link) other->is_superseded = true;
  }
}

LiveWiring::Task<Controlled<LiveWiring::PlannedRewire>> LiveWiring::read_and_plan(
    const RewireRequest& request) {
  std::expected<Reading, Problem> reading;
  if (!request.back) reading = co_await sources_.read(std::nullopt);
  co_return guarded([&] { return plan_rewire(request, reading); },
                    [&](Problem problem) { return rewire_failed({std::move(problem)}); });
}

Controlled<LiveWiring::PlannedRewire> LiveWiring::plan_rewire(
    const RewireRequest& request, const std::expected<Reading, Problem>& reading) const {
  if (is_stopping_) return std::unexpected(stopping_error());
  const auto number = find(request.link);
  if (!number) return std::unexpected(number.error());
  const Link* replaced = declared(*number);
  PlannedRewire planned{.number = *number,
                        .place = place_of(*number),
                        .source = replaced == nullptr ? links_[*number] : *replaced,
                        .wanted = links_.live_links()};
  if (request.back) {
    planned.wanted[planned.place] = planned.source;
  } else {
    if (!reading) return std::unexpected(rewire_failed({reading.error()}));
    auto rewired =
        rewire_link(planned.source, request.upstream, ListenerIndex(reading->input, planned.wanted));
    if (!rewired) return std::unexpected(stays(request.link, rewired.error()));
    planned.wanted[planned.place] = std::move(*rewired);
  }
  if (auto loops = find_control_loops(planned.wanted, control_); !loops.empty())
    return std::unexpected(stays(request.link, loops));
  planned.changes = !leads_alike(links_[*number], planned.wanted[planned.place]);
  return planned;
}

/// Once, or as long as `wait` says. Only what can be refused is waited for.
LiveWiring::Task<Controlled<Examination>> LiveWiring::examine(const RewireRequest& request, Link wanted,
                                                              bool has_say, const Asked& asked) {
  using Clock = std::chrono::steady_clock;
  const auto until = Clock::now() + request.wait;
  const auto executor = co_await boost::asio::this_coro::executor;
  boost::asio::steady_timer pause(executor);
  for (;;) {
    Examination found = co_await sources_.examine(wanted, request.check_timeout);
    if (is_stopping_) co_return std::unexpected(stopping_error());
    if (!has_say || found.is_any_well() || Clock::now() + kExamineAgain > until) co_return found;
    pause.expires_after(kExamineAgain);
    (void)co_await pause.async_wait(kAwait);
    if (is_stopping_) co_return std::unexpected(stopping_error());
    if (asked.is_superseded) co_return std::unexpected(superseded(request.link));
    if (request.is_wanted && !request.is_wanted())
      co_return std::unexpected(ControlError{409, "nobody waits for the answer any more", {}, {}});
  }
}

std::string LiveWiring::refusal_of(const RewireRequest& request, const Examination& found) const {
  const auto number = find(request.link);
  const bool is_up = number && supervisor_.endpoints().standing(*number).is("up");
  std::string text = "rewiring would " + std::string(is_up ? "take " : "leave ") + escape_text(request.link) +
                     " down: " + sentences_of(found.findings);
  if (found.left_out > 0) text += "; " + std::to_string(found.left_out) + " more were not checked";
  return text;
}

ControlError LiveWiring::refused(std::string refusal, std::vector<TargetFinding> findings) {
  return {.status = 409,
          .what = std::move(refusal),
          .accepted = "a target that is up; \"force\": true does it all the same, \"wait_ms\" waits for one",
          .problems = {},
          .targets = std::move(findings)};
}

Controlled<ChangeResult> LiveWiring::apply_rewire(const RewireRequest& request,
                                                  Controlled<PlannedRewire> planned, const Asked& asked) {
  if (!planned) return std::unexpected(std::move(planned.error()));
  auto& [number, place, source, wanted, changes] = *planned;
  if (asked.is_superseded) return std::unexpected(superseded(request.link));
  if (!leads_alike(asked.declared, source))
    return std::unexpected(ControlError{
        409, "the source of " + escape_text(request.link) + " says something else now", "another try", {}});
  const SessionFate fate = request.existing.value_or(wanted[place].options.on_rewire);
  if (request.dry_run) {
    ChangeResult result = result_of(make_plan(links_.live_links(), wanted), false);
    result.existing = format_session_fate(fate);
    return result;
  }
  const std::string was = join_targets(links_[number]);
  auto plan = apply(wanted, fate);
  if (!plan) return std::unexpected(rewire_failed(plan.error()));
  supersede(asked);
  if (plan->is_empty() && request.existing) supervisor_.endpoints().end_elsewhere(number, fate);
  const bool was_replaced = declared(number) != nullptr;
  if (request.back) {
    rewires_.erase(number);
  } else if (was_replaced || !plan->is_empty()) {
    rewires_.insert_or_assign(number, Rewire{std::move(source), request.upstream});
  }
  const bool was_applied = !plan->is_empty();
  if (was_applied) journal_.rewired(number, was, fate);
  ChangeResult result = result_of(std::move(*plan), was_applied);
  result.existing = format_session_fate(fate);
  return result;
}

}  // namespace amb

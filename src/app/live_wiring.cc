// SPDX-License-Identifier: Apache-2.0
#include "app/live_wiring.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "app/control_loops.h"
#include "base/text.h"
#include "base/unix_time.h"
#include "wiring/rewire.h"
#include "wiring/variables.h"

namespace amb {

namespace {

ControlError stopping_error() { return {409, "the program is stopping", "a program that runs", {}}; }

bool leads_alike(const Link& a, const Link& b) {
  return a.options == b.options && std::ranges::equal(a.targets, b.targets, {}, &Target::text, &Target::text);
}

ControlError rewire_failed(std::vector<Problem> problems) {
  return {422, "the rewire failed", {}, std::move(problems)};
}

/// What no one foresaw fails one change, and not the program with all its sessions.
Controlled<ChangeResult> guarded(auto change, auto on_failure) {
  try {
    return change();
  } catch (const std::exception& failure) {
    return std::unexpected(on_failure(Problem{whole_environment(), {}, failure.what(), "another try"}));
  }
}

const char* kNoRoomForSessions = "the descriptor limit (ulimit -n) leaves no room for a single session";

}  // namespace

LiveWiring::LiveWiring(LinkTable& links, Supervisor& supervisor, Journal& journal, Sources sources)
    : links_(links), supervisor_(supervisor), journal_(journal), sources_(std::move(sources)) {}

Controlled<std::size_t> LiveWiring::find(const std::string& name) const {
  if (const auto found = links_.find(name)) return *found;
  std::vector<std::string_view> names;
  for (const std::size_t link : links_.live()) names.push_back(links_[link].name);
  ControlError error{404, "there is no link '" + escape_text(name, 80) + "'", join_words(names), {}};
  if (const auto near = nearest_word(name, names)) error.what += "; did you mean " + std::string(*near) + "?";
  return std::unexpected(std::move(error));
}

const Link* LiveWiring::declared(std::size_t number) const {
  const auto rewire = rewires_.find(number);
  return rewire == rewires_.end() ? nullptr : &rewire->second.declared;
}

std::expected<LiveWiring::Wanted, LiveWiring::Problems> LiveWiring::judge(
    std::expected<Reading, Problem> reading) const {
  if (!reading) return std::unexpected(Problems{std::move(reading.error())});
  auto& [input, findings] = *reading;
  if (!findings.problems.empty()) return std::unexpected(std::move(findings.problems));
  Wanted wanted{.links = std::move(findings.links), .rewires = {}, .ended = {}};
  const Plan plan = make_plan(links_.live_links(), wanted.links);  // a link may have another name now
  for (const auto& [number, rewire] : rewires_) {
    std::string why = rewire_again(number, plan, input, wanted);
    if (!why.empty()) wanted.ended.push_back({links_[number].name, std::move(why)});
  }
  return wanted;
}

std::string LiveWiring::rewire_again(std::size_t number, const Plan& plan, const WiringInput& input,
                                     Wanted& wanted) const {
  const Rewire& rewire = rewires_.at(number);
  const std::size_t before = place_of(number);
  const auto same = std::ranges::find(plan.before_of, std::optional(before));
  if (same == plan.before_of.end()) return "no source has the link any more";
  const auto place = static_cast<std::size_t>(same - plan.before_of.begin());
  Link& link = wanted.links[place];
  if (!leads_alike(link, rewire.declared)) return "its source says something else now";
  auto rewired = rewire_link(link, rewire.urls, wanted.links, place, input);
  if (!rewired) return rewired.error().front().what;
  wanted.rewires[number] = {std::exchange(link, std::move(*rewired)), rewire.urls};
  return {};
}

std::size_t LiveWiring::place_of(std::size_t number) const {
  return static_cast<std::size_t>(std::ranges::find(links_.live(), number) - links_.live().begin());
}

LiveWiring::Task<Controlled<ChangeResult>> LiveWiring::reload(std::string cause) {
  if (is_stopping_) co_return std::unexpected(stopping_error());
  auto reading = co_await sources_.read(std::nullopt);
  co_return guarded([&] { return apply_reload(cause, std::move(reading)); },
                    [&](Problem problem) { return reject(cause, {std::move(problem)}); });
}

Controlled<ChangeResult> LiveWiring::apply_reload(const std::string& cause,
                                                  std::expected<Reading, Problem> reading) {
  if (is_stopping_) return std::unexpected(stopping_error());
  auto wanted = judge(std::move(reading));
  if (!wanted) return std::unexpected(reject(cause, std::move(wanted.error())));
  auto plan = apply(wanted->links, std::nullopt);
  if (!plan) return std::unexpected(reject(cause, std::move(plan.error())));
  last_rejection_.reset();
  rewires_ = std::move(wanted->rewires);
  for (const auto& [link, why] : wanted->ended) journal_.rewire_ended(link, why);
  if (!plan->is_empty()) journal_.wiring_changed(cause, generation_, plan->steps);
  const bool was_applied = !plan->is_empty();
  return result_of(std::move(*plan), was_applied);
}

LiveWiring::Task<Controlled<ChangeResult>> LiveWiring::preview(std::string path, std::string text) {
  ConfigText config{
      .from = ConfigText::From::option, .path = std::move(path), .text = std::move(text), .error = {}};
  auto reading = co_await sources_.read(std::move(config));
  const auto turned_down = [](Problems problems) {
    return ControlError{422, "this file would be turned down", {}, std::move(problems)};
  };
  co_return guarded(
      [&]() -> Controlled<ChangeResult> {
        const auto wanted = judge(std::move(reading));
        if (!wanted) return std::unexpected(turned_down(wanted.error()));
        if (auto loops = find_control_loops(wanted->links, control_); !loops.empty())
          return std::unexpected(turned_down(std::move(loops)));
        return result_of(make_plan(links_.live_links(), wanted->links), false);
      },
      [&](Problem problem) { return turned_down({std::move(problem)}); });
}

LiveWiring::Task<Controlled<ChangeResult>> LiveWiring::rewire(RewireRequest request) {
  if (is_stopping_) co_return std::unexpected(stopping_error());
  if (const auto number = find(request.link); !number) co_return std::unexpected(number.error());
  // The way back needs nothing but what is known.
  std::expected<Reading, Problem> reading;
  if (!request.back) reading = co_await sources_.read(std::nullopt);
  co_return guarded([&] { return apply_rewire(request, reading); },
                    [&](Problem problem) { return rewire_failed({std::move(problem)}); });
}

Controlled<ChangeResult> LiveWiring::apply_rewire(const RewireRequest& request,
                                                  const std::expected<Reading, Problem>& reading) {
  if (is_stopping_) return std::unexpected(stopping_error());
  const auto number = find(request.link);
  if (!number) return std::unexpected(number.error());
  const Link* replaced = declared(*number);
  Link source = replaced == nullptr ? links_[*number] : *replaced;
  std::vector<Link> wanted = links_.live_links();
  const std::size_t place = place_of(*number);
  if (request.back) {
    wanted[place] = source;
  } else {
    if (!reading) return std::unexpected(rewire_failed({reading.error()}));
    auto rewired = rewire_link(source, request.upstream, wanted, place, reading->input);
    if (!rewired) {
      return std::unexpected(
          ControlError{422, "link " + request.link + " stays as it is", {}, std::move(rewired.error())});
    }
    wanted[place] = std::move(*rewired);
  }
  if (auto loops = find_control_loops(wanted, control_); !loops.empty())
    return std::unexpected(
        ControlError{422, "link " + request.link + " stays as it is", {}, std::move(loops)});
  if (request.dry_run) return result_of(make_plan(links_.live_links(), wanted), false);

  const std::string was = join_targets(links_[*number]);
  const SessionFate fate = request.existing.value_or(wanted[place].options.on_rewire);
  auto plan = apply(wanted, fate);
  if (!plan) return std::unexpected(rewire_failed(std::move(plan.error())));
  if (plan->is_empty() && request.existing) supervisor_.endpoints().end_elsewhere(*number, fate);
  if (request.back) {
    rewires_.erase(*number);
  } else if (replaced != nullptr || !plan->is_empty()) {
    rewires_.insert_or_assign(*number, Rewire{std::move(source), request.upstream});
  }
  if (!plan->is_empty()) journal_.rewired(*number, was, fate);
  const bool was_applied = !plan->is_empty();
  return result_of(std::move(*plan), was_applied);
}

Controlled<void> LiveWiring::set_drained(const std::string& link, bool is_drained) {
  if (is_stopping_) return std::unexpected(stopping_error());
  std::vector<std::size_t> concerned = links_.live();
  if (!link.empty()) {
    const auto number = find(link);
    if (!number) return std::unexpected(number.error());
    concerned = {*number};
  }
  for (const std::size_t number : concerned) {
    if (supervisor_.endpoints().is_drained(number) == is_drained) continue;
    supervisor_.endpoints().set_drained(number, is_drained);
    journal_.drained(number, is_drained);
  }
  return {};
}

/// `fate` is that of sessions elsewhere; without one each link's own on_rewire counts.
std::expected<Plan, LiveWiring::Problems> LiveWiring::apply(const std::vector<Link>& wanted,
                                                            const std::optional<SessionFate>& fate) {
  const std::vector<Link> before = links_.live_links();
  if (auto loops = find_control_loops(wanted, control_); !loops.empty())
    return std::unexpected(std::move(loops));
  Plan plan = make_plan(before, wanted);
  const std::size_t most = sources_.most_sessions(wanted);
  if (most == 0) {
    return std::unexpected(
        Problems{{wanted.front().origins.front(), {}, kNoRoomForSessions, "fewer listening addresses"}});
  }
  auto staged = open_listeners(wanted);
  if (!staged) return std::unexpected(std::move(staged.error()));

  const Supervisor::Change change = enter(wanted, plan);
  if (plan.is_empty()) return plan;
  supervisor_.set_max_sessions(most);
  supervisor_.change(change, std::move(*staged));
  for (const std::size_t place : plan.changed) {
    const auto& same = plan.before_of[place];
    if (!same || join_targets(before[*same]) == join_targets(wanted[place])) continue;
    supervisor_.endpoints().end_elsewhere(links_.live()[place],
                                          fate.value_or(wanted[place].options.on_rewire));
  }
  ++generation_;
  return plan;
}

std::expected<ListenerSet::Staged, LiveWiring::Problems> LiveWiring::open_listeners(
    const std::vector<Link>& wanted) {
  Problems problems;
  const auto complain = [&](const ListenerSet::Failure& failure) {
    journal_.listen_failed(wanted[failure.link], failure.address, failure.error);
    problems.push_back({wanted[failure.link].origins.front(), failure.address.to_string(),
                        failure.error.message(), failure.accepted});
  };
  auto staged = supervisor_.listeners().stage(wanted);
  if (!staged) {
    for (const auto& failure : staged.error()) complain(failure);
    return std::unexpected(std::move(problems));
  }
  if (const auto listening = ListenerSet::listen(*staged); !listening) {
    complain(listening.error());
    return std::unexpected(std::move(problems));
  }
  return std::move(*staged);
}

/// Makes the table hold what is wanted; from here on nothing can fail.
Supervisor::Change LiveWiring::enter(const std::vector<Link>& wanted, const Plan& plan) {
  const std::vector<std::size_t> live = links_.live();
  Supervisor::Change change;
  for (const std::size_t place : plan.removed) {
    change.removed.push_back(live[place]);
    links_.retire(live[place]);
  }
  std::vector<std::size_t> order;
  for (std::size_t place = 0; place < wanted.size(); ++place) {
    const auto& same = plan.before_of[place];
    order.push_back(same ? live[*same] : links_.add(wanted[place]));
    if (same) links_.replace(order.back(), wanted[place]);
  }
  for (const std::size_t place : plan.changed) change.put.push_back(order[place]);
  links_.arrange(std::move(order));
  return change;
}

ControlError LiveWiring::reject(std::string_view cause, Problems problems) {
  ++rejections_;
  last_rejection_ = Rejection{unix_time_ms(), problems};
  journal_.wiring_rejected(cause, generation_, problems);
  return {422, "the wiring stays as it is", {}, std::move(problems)};
}

ChangeResult LiveWiring::result_of(Plan plan, bool was_applied) const {
  return {.was_applied = was_applied, .generation = generation_, .steps = std::move(plan.steps)};
}

}  // namespace amb

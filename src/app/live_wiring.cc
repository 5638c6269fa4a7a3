// SPDX-License-Identifier: Apache-2.0
#include "app/live_wiring.h"

#include <algorithm>
#include <utility>

#include "app/control_loops.h"
#include "app/live_change.h"
#include "base/text.h"
#include "base/unix_time.h"
#include "wiring/rewire.h"

namespace amb {

namespace {

const char* kNoRoomForSessions = "the descriptor limit (ulimit -n) leaves no room for a single session";

}  // namespace

bool leads_alike(const Link& a, const Link& b) {
  return a.options == b.options && std::ranges::equal(a.targets, b.targets, {}, &Target::text, &Target::text);
}

ControlError stopping_error() { return {409, "the program is stopping", "a program that runs", {}}; }

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

std::expected<LiveWiring::Wanted, Problems> LiveWiring::judge(std::expected<Reading, Problem> reading) const {
  if (!reading) return std::unexpected(Problems{std::move(reading.error())});
  auto& [input, findings] = *reading;
  if (!findings.problems.empty()) return std::unexpected(std::move(findings.problems));
  Wanted wanted{.links = std::move(findings.links), .rewires = {}, .ended = {}};
  if (!rewires_.empty()) rewire_again(input, wanted);
  return wanted;
}

/// Everything that looks at all links is made once, however many are rewired.
void LiveWiring::rewire_again(const WiringInput& input, Wanted& wanted) const {
  const Plan plan = make_plan(links_.live_links(), wanted.links);  // a link may have another name now
  std::map<std::size_t, std::size_t> place_of;                     // of a link's number, among the wanted
  for (std::size_t place = 0; place < plan.before_of.size(); ++place) {
    if (plan.before_of[place]) place_of.emplace(links_.live()[*plan.before_of[place]], place);
  }
  const ListenerIndex listeners(input, wanted.links);
  for (const auto& [number, rewire] : rewires_) {
    const auto place = place_of.find(number);
    Rewire again;
    std::string why = place == place_of.end()
                          ? "no source has the link any more"
                          : rewire_again(rewire, listeners, wanted.links[place->second], again);
    if (why.empty()) {
      wanted.rewires.emplace(number, std::move(again));
    } else {
      wanted.ended.push_back({links_[number].name, std::move(why)});
    }
  }
}

std::string LiveWiring::rewire_again(const Rewire& rewire, const ListenerIndex& listeners, Link& link,
                                     Rewire& again) {
  if (!leads_alike(link, rewire.declared)) return "its source says something else now";
  auto rewired = rewire_link(link, rewire.urls, listeners);
  if (!rewired) return rewired.error().front().what;
  again = {std::exchange(link, std::move(*rewired)), rewire.urls};
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
  if (!wanted) return std::unexpected(reject(cause, wanted.error()));
  auto plan = apply(wanted->links, std::nullopt);
  if (!plan) return std::unexpected(reject(cause, plan.error()));
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
  const auto turned_down = [](const Problems& problems) {
    return ControlError{422, "this file would be turned down", {}, listed(problems)};
  };
  co_return guarded(
      [&]() -> Controlled<ChangeResult> {
        const auto wanted = judge(std::move(reading));
        if (!wanted) return std::unexpected(turned_down(wanted.error()));
        if (auto loops = find_control_loops(wanted->links, control_); !loops.empty())
          return std::unexpected(turned_down(loops));
        return result_of(make_plan(links_.live_links(), wanted->links), false);
      },
      [&](Problem problem) { return turned_down({std::move(problem)}); });
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
std::expected<Plan, Problems> LiveWiring::apply(const std::vector<Link>& wanted,
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

std::expected<ListenerSet::Staged, Problems> LiveWiring::open_listeners(const std::vector<Link>& wanted) {
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
  for (const std::size_t place : plan.removed) change.removed.push_back(live[place]);
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

ControlError LiveWiring::reject(std::string_view cause, const Problems& problems) {
  ++rejections_;
  last_rejection_ = Rejection{unix_time_ms(), listed(problems)};
  journal_.wiring_rejected(cause, generation_, problems);
  return {422, "the wiring stays as it is", {}, last_rejection_->problems};
}

ChangeResult LiveWiring::result_of(Plan plan, bool was_applied) const {
  return {.was_applied = was_applied, .generation = generation_, .steps = std::move(plan.steps)};
}

}  // namespace amb

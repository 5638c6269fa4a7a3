// SPDX-License-Identifier: Apache-2.0
#include "health/health_monitor.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <exception>
#include <map>
#include <random>
#include <utility>

#include "base/await.h"
#include "health/ask.h"
#include "health/conversation.h"
#include "health/salted_passwords.h"
#include "health/turns.h"

namespace amb {

namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;
using std::chrono::nanoseconds;

// First questions are put within so much for each endpoint that is watched already: 300 at a start do not all
// connect in one millisecond, and one alone does not wait.
constexpr nanoseconds kSpread = std::chrono::milliseconds(2);

// After a first failure, or when a session has failed, until the next question: what is broken is soon found
// out, and what is merely slow is not hammered.
constexpr nanoseconds kSoon = std::chrono::milliseconds(200);

Health health_of(Verdict::Kind kind) {
  if (kind == Verdict::Kind::well) return Health::up;
  return kind == Verdict::Kind::standby ? Health::standby : Health::down;
}

nanoseconds part_of(nanoseconds whole, double share) {
  return nanoseconds(static_cast<nanoseconds::rep>(static_cast<double>(whole.count()) * share));
}

/// What all watches share, and what their last handlers may still look at when the monitor is gone.
struct Shared {
  asio::io_context& io;
  HealthEvents& events;
  HealthMonitor::Draw draw;
  Turns turns;
  KeyDerivation key_derivation;
};

/// One endpoint of one link. Its coroutine holds it, asks, and rests, until it is over: that is how there is
/// never a second question before the first one has its answer.
struct Watch {
  Watch(std::shared_ptr<Shared> all, std::size_t its_link, const SocketAddress& its_endpoint)
      : shared(std::move(all)),
        link(its_link),
        endpoint(its_endpoint),
        rest(shared->io),
        salted(shared->key_derivation) {}

  void end();
  void change(std::shared_ptr<const HealthOptions> now);
  void ask_soon();
  void take(const Verdict& verdict);
  void plan_next(Clock::time_point asked, bool has_decided);

  std::shared_ptr<Shared> shared;
  std::size_t link;
  SocketAddress endpoint;
  std::shared_ptr<const HealthOptions> options;  ///< A question under way keeps those it began with.
  asio::steady_timer rest;
  Clock::time_point due{};       ///< When the rest is over.
  Clock::time_point answered{};  ///< When the last question had ended.
  bool is_asking = false;
  bool is_wanted_again = false;  ///< Somebody wanted it asked while a question was under way.
  std::weak_ptr<Conversation> talk;
  HealthCount count;
  SaltedPasswords salted;
  bool is_over = false;  ///< From here on nothing is asked, and nothing told.
};

void Watch::end() {
  is_over = true;
  rest.cancel();
  if (const auto under_way = talk.lock()) under_way->close();
}

void Watch::change(std::shared_ptr<const HealthOptions> now) {
  if (*options == *now) return;
  options = std::move(now);
  due = Clock::now();  // a long rest was for the old ones
  rest.cancel();
}

/// The question that is under way may have been answered before anything was wrong.
void Watch::ask_soon() {
  if (count.health() == Health::down) return;
  if (is_asking) {
    is_wanted_again = true;
    return;
  }
  const auto soonest = std::max(Clock::now(), answered + kSoon);
  if (soonest >= due) return;  // or it is waiting for its turn already
  due = soonest;
  rest.cancel();
}

void Watch::take(const Verdict& verdict) {
  if (verdict.kind == Verdict::Kind::undecided) return;
  if (!count.take(health_of(verdict.kind), verdict.is_certain(), options->rise, options->fall)) return;
  shared->events.on_health(link, endpoint, count.health(), verdict.why);
}

/// From question to question is an interval at most, however long an answer takes: a server that is slow to
/// fail is found out as soon as others.
void Watch::plan_next(Clock::time_point asked, bool has_decided) {
  // Never longer, so that an interval is a promise.
  const double share = 1 - (1 - shared->draw()) * options->jitter_percent / 100;
  answered = Clock::now();
  due = asked + part_of(options->interval, share);
  if (std::exchange(is_wanted_again, false) && count.health() != Health::down) {
    due = std::min(due, answered + kSoon);
  }
  if (has_decided && count.is_failing()) due = std::min(due, answered + part_of(kSoon, share));
}

struct Turn {
  explicit Turn(Turns& all) : turns(all) {}
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  ~Turn() { turns.give_back(); }
  Turns& turns;
};

/// Its turn ends before anybody hears of the verdict.
asio::awaitable<Verdict> put_question(std::shared_ptr<Watch> watch) {
  const Turn turn(watch->shared->turns);
  if (watch->is_over) co_return undecided("nobody asks any more");  // it may have ended while it waited
  const auto options = watch->options;
  const auto talk = std::make_shared<Conversation>(watch->shared->io, options->timeout);
  watch->talk = talk;
  co_return co_await ask(*talk, watch->endpoint, *options, watch->salted);
}

/// It may become due sooner meanwhile. Others have their turn in any case.
asio::awaitable<void> rest_until_due(std::shared_ptr<Watch> watch) {
  while (!watch->is_over) {
    watch->rest.expires_at(watch->due);
    (void)co_await watch->rest.async_wait(asio::as_tuple(asio::use_awaitable));
    if (Clock::now() >= watch->due) break;
  }
}

asio::awaitable<void> keep_asking(std::shared_ptr<Watch> watch) {
  co_await rest_until_due(watch);
  while (!watch->is_over) {
    co_await watch->shared->turns.take();
    const auto asked = Clock::now();
    watch->is_asking = true;
    const Verdict verdict = co_await put_question(watch);
    watch->is_asking = false;
    if (!watch->is_over) watch->take(verdict);
    if (watch->is_over) break;
    watch->plan_next(asked, verdict.kind != Verdict::Kind::undecided);
    co_await rest_until_due(watch);
  }
}

}  // namespace

struct HealthMonitor::Impl {
  using Watches = std::vector<std::shared_ptr<Watch>>;

  std::shared_ptr<Watch> begin(std::size_t link, const SocketAddress& endpoint,
                               const std::shared_ptr<const HealthOptions>& options);

  std::shared_ptr<Shared> shared;
  std::map<std::size_t, Watches> watches;
  std::size_t count = 0;
};

namespace {

std::shared_ptr<Watch> find(const std::vector<std::shared_ptr<Watch>>& all, const SocketAddress& endpoint) {
  const auto found = std::ranges::find(all, endpoint, &Watch::endpoint);
  return found == all.end() ? nullptr : *found;
}

}  // namespace

std::shared_ptr<Watch> HealthMonitor::Impl::begin(std::size_t link, const SocketAddress& endpoint,
                                                  const std::shared_ptr<const HealthOptions>& options) {
  auto watch = std::make_shared<Watch>(shared, link, endpoint);
  watch->options = options;
  const nanoseconds longest = std::min<nanoseconds>(options->interval, kSpread * count);
  watch->due = Clock::now() + part_of(longest, shared->draw());
  ++count;
  asio::co_spawn(shared->io, keep_asking(watch), pass_on);
  return watch;
}

HealthMonitor::HealthMonitor(asio::io_context& io, HealthEvents& events, Draw draw, std::size_t most_checks)
    : impl_(std::make_unique<Impl>()) {
  impl_->shared.reset(new Shared{io, events, std::move(draw), Turns(io, most_checks), KeyDerivation(io)});
}

HealthMonitor::~HealthMonitor() {
  for (const auto& [link, watches] : impl_->watches) {
    for (const auto& watch : watches) watch->end();
  }
}

void HealthMonitor::watch(std::size_t link, const HealthOptions& options,
                          const std::vector<SocketAddress>& endpoints) {
  Impl::Watches& now = impl_->watches[link];
  const Impl::Watches before = std::exchange(now, {});
  impl_->count -= before.size();
  const auto shared_options = std::make_shared<const HealthOptions>(options);
  const bool is_asked = options.kind != HealthOptions::Kind::none;
  for (const SocketAddress& endpoint : endpoints) {
    if (!is_asked || find(now, endpoint)) continue;
    if (const auto kept = find(before, endpoint)) {
      kept->change(shared_options);
      now.push_back(kept);
      ++impl_->count;
    } else {
      now.push_back(impl_->begin(link, endpoint, shared_options));
    }
  }
  for (const auto& watch : before) {
    if (!find(now, watch->endpoint)) watch->end();
  }
}

void HealthMonitor::ask_soon(std::size_t link, const SocketAddress& endpoint) {
  const auto watches = impl_->watches.find(link);
  if (watches == impl_->watches.end()) return;
  if (const auto watch = find(watches->second, endpoint)) watch->ask_soon();
}

Health HealthMonitor::health_of(std::size_t link, const SocketAddress& endpoint) const {
  const auto watches = impl_->watches.find(link);
  if (watches == impl_->watches.end()) return Health::unknown;
  const auto watch = find(watches->second, endpoint);
  return watch ? watch->count.health() : Health::unknown;
}

HealthMonitor::Draw HealthMonitor::random_draw() {
  return [generator = std::mt19937_64(std::random_device{}())]() mutable {
    return std::uniform_real_distribution<double>(0, 1)(generator);
  };
}

}  // namespace amb

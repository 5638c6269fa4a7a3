// SPDX-License-Identifier: Apache-2.0
#include "app/target_examiner.h"

#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cmath>
#include <cstdio>
#include <exception>
#include <iterator>
#include <utility>

#include "app/target_lookup.h"
#include "base/await.h"
#include "base/text.h"
#include "health/ask.h"
#include "health/conversation.h"
#include "health/salted_passwords.h"
#include "health/turns.h"
#include "wiring/secrets.h"

namespace amb {

namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;
using std::chrono::microseconds;
using std::chrono::milliseconds;

// A check that is late says so itself, and may take a moment to let its connection end.
constexpr milliseconds kLastWords{200};

microseconds since(Clock::time_point begin) {
  return std::chrono::duration_cast<microseconds>(Clock::now() - begin);
}

/// Without health= one connect is the check.
HealthOptions check_of(const Link& link) {
  HealthOptions check = link.options.health;
  if (check.kind != HealthOptions::Kind::none) return check;
  check = {};
  check.kind = HealthOptions::Kind::tcp;
  check.timeout = std::chrono::hours(1);  // the examination's is shorter
  return check;
}

std::string words_of(const Verdict& verdict, const HealthOptions& check) {
  const std::string text = escape_text(mask_known(verdict.why, check.password));
  return text.starts_with("it ") ? text.substr(3) : text;
}

/// What a verdict says of an address, as a predicate.
std::string predicate_of(const Verdict& verdict, const Conversation& talk, const HealthOptions& check,
                         microseconds took) {
  if (verdict.kind == Verdict::Kind::well) return "up in " + wait_text(took);
  if (verdict.kind == Verdict::Kind::undecided) return "cannot be checked: " + words_of(verdict, check);
  if (talk.is_late()) return "no answer within " + wait_text(check.timeout);
  const auto& error = talk.connect_error();
  if (error == asio::error::connection_refused) return "refuses connections";
  if (error && !talk.met_full_backlog()) return "cannot be reached: " + error.message();
  if (verdict.why.starts_with("it is ")) return words_of(verdict, check);  // "is a replica of …"
  return "fails the check: " + words_of(verdict, check);
}

}  // namespace

bool Examination::is_any_well() const { return std::ranges::any_of(findings, &TargetFinding::is_well); }

std::string wait_text(microseconds time) {
  const auto in_tenths = [](double number, const char* unit) {
    const double rounded = std::round(number * 10) / 10;
    std::array<char, 32> text{};
    const int decimals = rounded < 10 && std::floor(rounded) != rounded ? 1 : 0;
    (void)std::snprintf(text.data(), text.size(), "%.*f %s", decimals, rounded, unit);
    return std::string(text.data());
  };
  const double ms = static_cast<double>(time.count()) / 1000;
  return ms < 999.5 ? in_tenths(ms, "ms") : in_tenths(ms / 1000, "s");
}

/// What all examinations share, and what their last handlers may look at when the examiner is gone.
struct TargetExaminer::Shared {
  asio::io_context& io;
  std::shared_ptr<const LookUpsOnce> look_ups;
  std::size_t most_at_once;
  Turns turns;
  KeyDerivation key_derivation;
};

/// One examination.
struct TargetExaminer::Course {
  struct OfTarget {
    std::vector<TargetFinding> findings;
    std::vector<SocketAddress> addresses;
    std::uint64_t left_out = 0;
  };

  Course(std::shared_ptr<Shared> all, Link its_link, milliseconds its_timeout)
      : shared(std::move(all)),
        link(std::move(its_link)),
        check(check_of(link)),
        timeout(its_timeout),
        targets(std::min(link.targets.size(), kMostAsked)),
        share(std::max<std::size_t>(kMostAsked / std::max<std::size_t>(targets.size(), 1), 1)),
        done(shared->io, until + kLastWords) {
    for (std::size_t i = 0; i < targets.size(); ++i) {
      if (link.targets[i].address) ++asked;
    }
  }

  void ended() {
    if (--missing == 0) done.cancel();
  }
  /// For one address, so that all have their turn within the whole.
  milliseconds time_of_one() const {
    const std::size_t rounds = (asked + shared->most_at_once - 1) / shared->most_at_once;
    return std::max<milliseconds>(timeout / std::max<std::size_t>(rounds, 1), milliseconds(1));
  }

  std::shared_ptr<Shared> shared;
  Link link;
  HealthOptions check;
  milliseconds timeout;
  Clock::time_point until = Clock::now() + timeout;
  std::vector<OfTarget> targets;
  std::size_t share;      ///< Addresses of each target that are asked.
  std::size_t asked = 0;  ///< Addresses, as far as they are known.
  std::size_t missing = 0;
  bool is_over = false;
  asio::steady_timer done;
};

TargetExaminer::TargetExaminer(asio::io_context& io, LookUpsOnce look_ups, std::size_t most_at_once)
    : shared_(new Shared{io, std::make_shared<const LookUpsOnce>(std::move(look_ups)), most_at_once,
                         Turns(io, most_at_once), KeyDerivation(io)}) {}

asio::awaitable<Examination> TargetExaminer::examine(Link link, milliseconds timeout) {
  const auto course = std::make_shared<Course>(shared_, std::move(link), timeout);
  Examination result;
  result.left_out = course->link.targets.size() - course->targets.size();
  for (std::size_t index = 0; index < course->targets.size(); ++index) {
    ++course->missing;
    asio::co_spawn(course->shared->io, examine_target(course, index), pass_on);
  }
  if (course->missing > 0) (void)co_await course->done.async_wait(kAwait);
  course->is_over = true;
  for (Course::OfTarget& one : course->targets) {
    std::ranges::move(one.findings, std::back_inserter(result.findings));
    std::ranges::move(one.addresses, std::back_inserter(result.addresses));
    result.left_out += one.left_out;
  }
  co_return result;
}

/// Memory that there is not, and what else nobody foresaw, is told as a finding, and ends nothing else.
asio::awaitable<void> TargetExaminer::examine_target(std::shared_ptr<Course> course, std::size_t index) {
  try {
    co_await take_places(course, index);
  } catch (const std::exception& failure) {
    if (!course->is_over)
      course->targets[index].findings.push_back(
          {.target = escape_text(course->link.targets[index].text),
           .address = {},
           .said = std::string("cannot be checked: ") + failure.what()});
  }
  course->ended();
}

asio::awaitable<void> TargetExaminer::take_places(std::shared_ptr<Course> course, std::size_t index) {
  const Clock::time_point begin = Clock::now();
  const Target target = course->link.targets[index];
  // The hosts of a service come after its records: what is known by then is asked while there is time.
  const auto until = target.is_service ? begin + course->timeout * 2 / 3 : course->until;
  auto found = co_await look_up_target(course->shared->io, course->shared->look_ups, target, until,
                                       wait_text(course->timeout));
  if (course->is_over) co_return;
  Course::OfTarget& mine = course->targets[index];
  const TargetFinding empty{.target = escape_text(target.text),
                            .address = {},
                            .said = "no answer within " + wait_text(course->time_of_one())};
  for (const ResolvedEndpoint& endpoint : found.list.endpoints) {
    mine.addresses.push_back(endpoint.address);
    if (mine.findings.size() == course->share) continue;
    mine.findings.push_back(empty);
    mine.findings.back().address = endpoint.address.to_string();
  }
  if (!target.address) course->asked += mine.findings.size();
  mine.left_out = found.list.endpoints.size() - mine.findings.size() + found.list.left_out;
  for (std::size_t place = 0; place < mine.findings.size(); ++place) {
    ++course->missing;
    asio::co_spawn(course->shared->io, ask_address(course, index, place), pass_on);
  }
  for (const EndpointList::Refused& refused : found.list.refused) {
    mine.findings.push_back(empty);
    mine.findings.back().address = refused.address.to_string();
    mine.findings.back().said = "must not be used: " + refused.why;
  }
  if (!mine.findings.empty()) co_return;
  mine.findings.push_back(empty);
  mine.findings.back().said = found.why;
  mine.findings.back().took_us = static_cast<std::uint64_t>(since(begin).count());
}

asio::awaitable<void> TargetExaminer::ask_address(std::shared_ptr<Course> course, std::size_t index,
                                                  std::size_t place) {
  co_await course->shared->turns.take();
  try {
    co_await ask_in_turn(course, index, place);
  } catch (const std::exception& failure) {
    if (!course->is_over)
      course->targets[index].findings[place].said = std::string("cannot be checked: ") + failure.what();
  }
  course->shared->turns.give_back();
  course->ended();
}

asio::awaitable<void> TargetExaminer::ask_in_turn(std::shared_ptr<Course> course, std::size_t index,
                                                  std::size_t place) {
  const auto left = std::chrono::ceil<milliseconds>(course->until - Clock::now());
  if (course->is_over || left.count() <= 0) co_return;
  const SocketAddress address = course->targets[index].addresses[place];
  HealthOptions check = course->check;
  const milliseconds told = std::min(check.timeout, course->time_of_one());
  check.timeout = std::min(told, left);
  SaltedPasswords salted(course->shared->key_derivation);
  const auto talk = std::make_shared<Conversation>(course->shared->io, check.timeout);
  const Clock::time_point begin = Clock::now();
  const Verdict verdict = co_await ask(*talk, address, check, salted);
  if (course->is_over) co_return;
  TargetFinding& finding = course->targets[index].findings[place];
  const microseconds took = since(begin);
  check.timeout = told;  // in words it is what was asked for, not what was left of it
  finding.took_us = static_cast<std::uint64_t>(took.count());
  finding.is_well = verdict.kind == Verdict::Kind::well;
  finding.said = predicate_of(verdict, *talk, check, took);
}

}  // namespace amb

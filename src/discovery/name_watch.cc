// SPDX-License-Identifier: Apache-2.0
#include "discovery/name_watch.h"

#include <algorithm>
#include <utility>

namespace amb {

namespace {

constexpr std::chrono::seconds kLongestRetry{10};

template <class Record>
bool same_set(const std::vector<Record>& a, const std::vector<Record>& b) {
  return a.size() == b.size() && std::ranges::is_permutation(a, b);
}

}  // namespace

template <class Record>
Watch<Record>::Watch(boost::asio::io_context& io, std::string name, WatchSettings settings, LookUp look_up,
                     OnNews on_news, WatchClock now)
    : timer_(io),
      name_(std::move(name)),
      settings_(settings),
      look_up_(std::move(look_up)),
      on_news_(std::move(on_news)),
      now_(std::move(now)) {}

template <class Record>
Refresh Watch<Record>::refresh() {
  using enum Refresh;
  if (is_asking_ || is_put_off_) return answer_follows;
  const Duration age = now_() - answered_at_;
  // Hundreds of sessions a second may fail for want of a name: they hear so at once.
  if (has_answered_ && records_.empty() && age < kNegativeCache) return is_known;
  if (has_answered_ && age < kPause) {
    is_put_off_ = true;
    ask_in(kPause - age);
  } else {
    ask();
  }
  return answer_follows;
}

template <class Record>
void Watch<Record>::outdate() {
  if (is_asking_) {
    is_outdated_ = true;
  } else {
    ask();
  }
}

template <class Record>
void Watch<Record>::ask() {
  is_asking_ = true;
  is_put_off_ = false;
  timer_.cancel();
  look_up_(name_, records_, [this, alive = std::weak_ptr<bool>(alive_)](Answer<Record> answer) {
    if (!alive.expired()) hear(std::move(answer));
  });
}

template <class Record>
void Watch<Record>::hear(Answer<Record> answer) {
  is_asking_ = false;
  const bool is_outdated = std::exchange(is_outdated_, false);
  // Once only: files that change all the time must not keep every answer from us.
  is_asked_twice_ = is_outdated && !is_asked_twice_;
  if (is_asked_twice_) return ask();
  take(answer);
  if (is_outdated) return ask();
}

template <class Record>
void Watch<Record>::take(Answer<Record>& answer) {
  using Kind = typename Answer<Record>::Kind;
  News news{.watch = *this, .before = records_, .error = std::move(answer.error)};
  answered_at_ = now_();
  has_answered_ = true;
  const bool is_found = answer.kind == Kind::found;
  if (is_found) {
    absent_since_.reset();
    is_gone_ = false;
    good_at_ = answered_at_;
    // The same set in another order is a server's round robin, not a move.
    if (!same_set(records_, answer.records)) records_ = std::move(answer.records);
  } else if (answer.kind == Kind::none) {
    take_absence();
  }
  pause_ = pause_after(answer);
  ask_in(pause_);
  news.has_changed = !same_set(news.before, records_);
  news.began_to_fail = !is_found && !is_failing_;
  is_failing_ = !is_found;
  on_news_(news);
}

/// The grace period begins with the first such answer, however old the last good one is by then.
template <class Record>
void Watch<Record>::take_absence() {
  if (!absent_since_) absent_since_ = answered_at_;
  is_gone_ = answered_at_ - *absent_since_ >= settings_.empty_grace;
  if (is_gone_) records_.clear();
}

template <class Record>
auto Watch<Record>::pause_after(const Answer<Record>& answer) -> Duration {
  if (answer.kind == Answer<Record>::Kind::found) {
    retry_ = kShortestTtl;
    const Duration longest = std::max<Duration>(settings_.max_ttl, kShortestTtl);
    return std::clamp<Duration>(answer.ttl, kShortestTtl, longest);
  }
  Duration pause = std::exchange(retry_, std::min(retry_ * 2, kLongestRetry));
  // The end of the grace period is not slept through.
  const Duration grace_left =
      absent_since_ ? *absent_since_ + settings_.empty_grace - answered_at_ : Duration::zero();
  if (grace_left > Duration::zero()) pause = std::min(pause, grace_left);
  return std::max<Duration>(pause, kPause);
}

template <class Record>
void Watch<Record>::ask_in(Duration pause) {
  timer_.expires_after(pause);
  timer_.async_wait([this, alive = std::weak_ptr<bool>(alive_)](const boost::system::error_code& error) {
    if (!error && !alive.expired() && !is_asking_) ask();
  });
}

template class Watch<SocketAddress>;
template class Watch<ServiceRecord>;

}  // namespace amb

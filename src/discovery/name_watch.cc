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
                     OnNews on_news, WatchClock now, std::shared_ptr<WatchCrowd> crowd)
    : timer_(io),
      name_(std::move(name)),
      settings_(settings),
      look_up_(std::move(look_up)),
      on_news_(std::move(on_news)),
      now_(std::move(now)),
      crowd_(std::move(crowd)) {
  ++crowd_->watches;
}

template <class Record>
Watch<Record>::~Watch() {
  --crowd_->watches;
}

template <class Record>
auto Watch<Record>::shortest_pause() const -> Duration {
  const Duration for_records = kShortestTtl * std::max(records_.size(), kRecordsASecond) / kRecordsASecond;
  return for_records * std::max(crowd_->watches, kLookUpsASecond) / kLookUpsASecond;
}

template <class Record>
Refresh Watch<Record>::refresh(Urgency urgency) {
  using enum Refresh;
  if (!has_failed_) *urgency_ = std::min(*urgency_, urgency);
  if (is_asking_ || is_put_off_) return answer_follows;
  const Duration age = now_() - answered_at_;
  // Hundreds of sessions a second may fail for want of a name: they hear so at once.
  if (has_answered_ && records_.empty() && age < kNegativeCache) return is_known;
  if (const Duration pause = shortest_pause() / kRefreshes; has_answered_ && age < pause) {
    is_put_off_ = true;
    ask_in(pause - age);
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
  const std::weak_ptr<const Urgency> urgency = urgency_;
  look_up_({name_, records_, urgency}, [this, urgency](Answer<Record> answer) {
    if (!urgency.expired()) hear(std::move(answer));
  });
}

template <class Record>
void Watch<Record>::hear(Answer<Record> answer) {
  is_asking_ = false;
  has_failed_ = answer.kind == Answer<Record>::Kind::failed;
  *urgency_ = has_failed_ ? Urgency::doubtful : Urgency::due;
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
    const Duration shortest = shortest_pause();
    return std::clamp<Duration>(answer.ttl, shortest, std::max<Duration>(settings_.max_ttl, shortest));
  }
  Duration pause = std::exchange(retry_, std::min(retry_ * 2, kLongestRetry));
  // The end of the grace period is not slept through.
  const Duration grace_left =
      absent_since_ ? *absent_since_ + settings_.empty_grace - answered_at_ : Duration::zero();
  if (grace_left > Duration::zero()) pause = std::min(pause, grace_left);
  return std::max<Duration>(pause, shortest_pause() / kRefreshes);
}

template <class Record>
void Watch<Record>::ask_in(Duration pause) {
  timer_.expires_after(pause);
  timer_.async_wait([this, alive = std::weak_ptr<const Urgency>(urgency_)](const auto& error) {
    if (!error && !alive.expired() && !is_asking_) ask();
  });
}

template class Watch<SocketAddress>;
template class Watch<ServiceRecord>;

}  // namespace amb

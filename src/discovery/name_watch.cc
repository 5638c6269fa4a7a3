// SPDX-License-Identifier: Apache-2.0
#include "discovery/name_watch.h"

#include <algorithm>
#include <utility>

namespace amb {

namespace {

constexpr std::chrono::seconds kLongestRetry{10};

bool same_set(const std::vector<SocketAddress>& a, const std::vector<SocketAddress>& b) {
  return a.size() == b.size() && std::ranges::is_permutation(a, b);
}

}  // namespace

NameWatch::NameWatch(boost::asio::io_context& io, std::string name, LookUp look_up, OnAnswer on_answer,
                     Now now)
    : timer_(io),
      name_(std::move(name)),
      look_up_(std::move(look_up)),
      on_answer_(std::move(on_answer)),
      now_(std::move(now)) {}

void NameWatch::refresh() {
  if (std::exchange(is_asking_, true)) return;
  timer_.cancel();
  look_up_(name_, [this, alive = std::weak_ptr<bool>(alive_)](NameAnswer answer) {
    if (!alive.expired()) take(std::move(answer));
  });
}

void NameWatch::take(NameAnswer answer) {
  is_asking_ = false;
  News news{.watch = *this, .before = addresses_, .error = std::move(answer.error)};
  const bool is_found = answer.kind == NameAnswer::Kind::found;
  if (is_found) {
    absent_since_.reset();
    retry_ = kShortestTtl;
    // The same set in another order is a server's round robin, not a move.
    if (!same_set(addresses_, answer.addresses)) addresses_ = std::move(answer.addresses);
    schedule(std::clamp(answer.ttl, kShortestTtl, kLongestTtl));
  } else {
    if (answer.kind == NameAnswer::Kind::none) take_absence();
    schedule(retry_);
    retry_ = std::min(retry_ * 2, kLongestRetry);
  }
  news.addresses_changed = !same_set(news.before, addresses_);
  news.began_to_fail = !is_found && !std::exchange(is_failing_, true);
  if (is_found) is_failing_ = false;
  has_answered_ = true;
  on_answer_(news);
}

/// The grace period begins with the first such answer, however old the last good one is by then.
void NameWatch::take_absence() {
  if (!absent_since_) absent_since_ = now_();
  if (now_() - *absent_since_ >= kEmptyGrace) addresses_.clear();
}

void NameWatch::schedule(std::chrono::steady_clock::duration pause) {
  timer_.expires_after(pause);
  timer_.async_wait([this, alive = std::weak_ptr<bool>(alive_)](const boost::system::error_code& error) {
    if (!error && !alive.expired()) refresh();
  });
}

}  // namespace amb

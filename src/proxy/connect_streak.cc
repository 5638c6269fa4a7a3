// SPDX-License-Identifier: Apache-2.0
#include "proxy/connect_streak.h"

#include <algorithm>

namespace amb {

namespace {

/// What is left of it after a success so long ago. Where that came in the middle, at least the last failed.
ConnectTrend since(ConnectTrend trend, Milliseconds connected_ago) {
  if (trend.failed == 0 || trend.first_failed_ago <= connected_ago) return trend;
  if (trend.last_failed_ago > connected_ago) return {.connected_ago = trend.connected_ago};
  trend.failed = 1;
  trend.first_failed_ago = trend.last_failed_ago;
  return trend;
}

}  // namespace

ConnectTrend ConnectStreak::as_of(Milliseconds now) const {
  ConnectTrend trend;
  if (has_connected_) trend.connected_ago = now - std::min(connected_, now);
  if (failed_ == 0) return trend;
  trend.failed = failed_;
  trend.first_failed_ago = now - std::min(first_failed_, now);
  trend.last_failed_ago = now - std::min(last_failed_, now);
  return trend;
}

ConnectTrend& ConnectTrend::operator+=(const ConnectTrend& other) {
  const Milliseconds connected = std::min(connected_ago, other.connected_ago);
  const ConnectTrend ours = since(*this, connected), theirs = since(other, connected);
  *this = {.failed = ours.failed + theirs.failed, .connected_ago = connected};
  if (ours.failed == 0 && theirs.failed == 0) return *this;
  const ConnectTrend& one = ours.failed > 0 ? ours : theirs;
  const ConnectTrend& another = theirs.failed > 0 ? theirs : ours;
  first_failed_ago = std::max(one.first_failed_ago, another.first_failed_ago);
  last_failed_ago = std::min(one.last_failed_ago, another.last_failed_ago);
  return *this;
}

}  // namespace amb

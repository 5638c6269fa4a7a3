// SPDX-License-Identifier: Apache-2.0
//
// How connecting went lately, of the sessions of one link and one worker: since the last one that reached the
// upstream, how many did not.
#pragma once

#include <cstdint>
#include <limits>

#include "loop/timer_wheel.h"

namespace amb {

/// As it was some time ago, so that those of several workers can be compared.
struct ConnectTrend {
  static constexpr Milliseconds kNever = std::numeric_limits<Milliseconds>::max();

  std::uint64_t failed = 0;           ///< Sessions in a row, none of which reached the upstream.
  Milliseconds first_failed_ago = 0;  ///< Of those; so is the next.
  Milliseconds last_failed_ago = 0;
  Milliseconds connected_ago = kNever;

  /// Of sessions of another worker, too. A success of either ends what had failed before it.
  ConnectTrend& operator+=(const ConnectTrend& other);
};

class ConnectStreak {
 public:
  void connected(Milliseconds now) {
    has_connected_ = true;
    connected_ = now;
    failed_ = 0;
  }
  void failed(Milliseconds now) {
    if (failed_++ == 0) first_failed_ = now;
    last_failed_ = now;
  }
  ConnectTrend as_of(Milliseconds now) const;

 private:
  std::uint64_t failed_ = 0;
  Milliseconds first_failed_ = 0;
  Milliseconds last_failed_ = 0;
  Milliseconds connected_ = 0;
  bool has_connected_ = false;
};

}  // namespace amb

// SPDX-License-Identifier: Apache-2.0
//
// How the file descriptors that this process may have are shared out. Whoever opens some has a share and
// waits for a turn within it, so that nobody takes what another counts on; sessions have what is left.
#pragma once

#include <cstddef>

namespace amb {

/// What a wiring needs before the first session.
struct DescriptorNeeds {
  unsigned workers = 1;
  std::size_t listeners = 0;  ///< Of all workers together.
  std::size_t pipes = 0;      ///< Descriptors, two for each pipe.
  std::size_t checks = 0;     ///< Endpoints that may be checked at the same moment.
  bool has_control = false;
};

class DescriptorShares {
 public:
  /// The shares are parts of `limit`: a quarter at most, and less where that would not leave each worker
  /// a session.
  DescriptorShares(std::size_t limit, const DescriptorNeeds& needs);

  std::size_t control() const { return control_; }  ///< Connections and listeners of the control API.
  std::size_t control_connections() const;
  std::size_t look_ups() const { return look_ups_; }  ///< Sockets of the resolver.
  std::size_t checks() const { return checks_; }      ///< Health checks at once.
  std::size_t files() const { return files_; }        ///< Read in passing, and room for what nobody foresaw.

  /// Targets of a rewire that are checked at once: of these, half.
  std::size_t examined() const { return files_ / 2 == 0 ? 1 : files_ / 2; }

  /// How many fit, at two descriptors each; 0 when not even one does.
  std::size_t sessions(const DescriptorNeeds& needs) const;

 private:
  void share_out(std::size_t part);

  std::size_t limit_;
  std::size_t control_ = 0, look_ups_ = 0, checks_ = 0, files_ = 0;
};

/// As many of `needs.workers` as leave each of them a session; at least 1. Listeners and pipes are shared
/// out among the workers evenly.
unsigned workers_that_fit(std::size_t limit, const DescriptorNeeds& needs);

}  // namespace amb

// SPDX-License-Identifier: Apache-2.0
//
// The pipes of one worker. A direction borrows one only while it moves bulk; what comes back empty serves the
// next and is closed when no one has needed it for a while; what comes back with bytes in it is destroyed,
// for they are somebody's.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "net/pipe.h"

namespace amb {

class PipePool {
 public:
  /// At most `most` pipes exist at a time: they and their descriptors are part of the sum at start. 0 leaves
  /// everything to copying.
  explicit PipePool(std::size_t most) : most_(most) { idle_.reserve(most); }
  PipePool(const PipePool&) = delete;
  PipePool& operator=(const PipePool&) = delete;

  struct PooledPipe : Pipe {
    PipePool* pool;
  };
  struct Return {
    void operator()(PooledPipe* pipe) const { pipe->pool->take_back(std::unique_ptr<PooledPipe>(pipe)); }
  };
  using Lease = std::unique_ptr<PooledPipe, Return>;

  /// Null when all are in use or none can be made: the caller copies instead.
  Lease borrow();

  /// Splice does not work here: no more pipes.
  void refuse() { most_ = 0; }
  std::size_t open_pipes() const { return open_; }

  /// Closes the pipes that nobody has needed since the last call.
  void trim();
  bool has_idle() const { return !idle_.empty(); }

 private:
  void take_back(std::unique_ptr<PooledPipe> pipe);

  std::size_t most_;
  std::size_t open_ = 0;
  std::vector<std::unique_ptr<PooledPipe>> idle_;
  std::size_t unneeded_ = 0;  ///< The fewest that were idle at any moment since the last trim().
};

}  // namespace amb

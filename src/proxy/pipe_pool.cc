// SPDX-License-Identifier: Apache-2.0
#include "proxy/pipe_pool.h"

#include <algorithm>
#include <new>
#include <utility>

namespace amb {

namespace {

// The most that the kernel grants a user without privileges, fs.pipe-max-size: fewer, larger moves.
constexpr std::uint32_t kPipeBytes = 1024 * 1024;

}  // namespace

PipePool::Lease PipePool::borrow() {
  if (most_ == 0) return {};
  if (!idle_.empty()) {
    Lease pipe(idle_.back().release());
    idle_.pop_back();
    unneeded_ = std::min(unneeded_, idle_.size());
    return pipe;
  }
  if (open_ >= most_) return {};
  auto pipe = open_pipe(kPipeBytes);
  if (!pipe) return {};
  Lease lease(new (std::nothrow) PooledPipe{std::move(*pipe), this});
  if (lease != nullptr) ++open_;
  return lease;
}

void PipePool::take_back(std::unique_ptr<PooledPipe> pipe) {
  if (pipe->held_bytes == 0 && most_ != 0) {
    idle_.push_back(std::move(pipe));
  } else {
    --open_;
  }
}

void PipePool::trim() {
  open_ -= unneeded_;
  idle_.resize(idle_.size() - unneeded_);
  unneeded_ = idle_.size();
}

}  // namespace amb

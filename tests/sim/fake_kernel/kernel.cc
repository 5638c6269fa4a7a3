// SPDX-License-Identifier: Apache-2.0
#include "sim/fake_kernel/kernel.h"

#include <cerrno>
#include <cinttypes>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>

namespace amb::sim {

namespace {

constexpr int kMostCallsPerTurn = 20'000;
constexpr Ms kEpoch = 1'000'000;

const char* replay_program = "sim_tests";

}  // namespace

Kernel* Kernel::current_ = nullptr;

Kernel::Kernel(std::uint64_t seed, bool traces, Coverage& coverage)
    : random(seed),
      seed_(seed),
      traces_(traces),
      coverage_(coverage),
      now_(kEpoch + random.below(20'000'000)) {
  current_ = this;
}

Kernel::~Kernel() { current_ = nullptr; }

Kernel& Kernel::entered() {
  Kernel& kernel = *current_;
  if (++kernel.calls_ > kMostCallsPerTurn) kernel.fail("one turn makes calls without end");
  if (!kernel.in_world_ && kernel.strikes(kernel.faults.between_calls)) {
    kernel.in_world_ = true;
    kernel.saw(Seen::something_between_two_calls);
    kernel.world->between_calls();
    kernel.in_world_ = false;
  }
  return kernel;
}

PipeBuffer& Kernel::make_pipe() {
  pipes_.push_back(std::make_unique<PipeBuffer>());
  return *pipes_.back();
}

EpollSet& Kernel::make_epoll() {
  if (epoll_ != nullptr) fail("a second epoll instance was opened");
  return *(epoll_ = &make<EpollSet>());
}

int Kernel::open(File& file) {
  std::size_t slot = 0;
  while (slot < descriptors_.size() && descriptors_[slot] != nullptr) ++slot;
  if (slot == descriptors_.size()) descriptors_.push_back(nullptr);
  descriptors_[slot] = &file;
  ++open_;
  return kFirstFd + static_cast<int>(slot);
}

int Kernel::close(int fd) {
  File& file = any_file(fd);
  if (file.is_watched()) (void)epoll_->remove(file);
  descriptors_[static_cast<std::size_t>(fd - kFirstFd)] = nullptr;
  --open_;
  file.on_close();
  progressed();
  return 0;
}

File& Kernel::any_file(int fd) {
  const auto slot = static_cast<std::size_t>(fd - kFirstFd);
  if (fd < kFirstFd || slot >= descriptors_.size() || descriptors_[slot] == nullptr) {
    fail("a call was made on a descriptor that is not open");
  }
  return *descriptors_[slot];
}

void Kernel::fail(const char* sentence) {
  print_replay(seed_, sentence);
  std::_Exit(1);
}

void Kernel::trace(const char* format, ...) {
  if (!traces_) return;
  std::printf("%8" PRIu64 " ", now_ - kEpoch);
  va_list arguments;
  va_start(arguments, format);
  std::vprintf(format, arguments);
  va_end(arguments);
  std::printf("\n");
}

void set_replay_command(const char* program) { replay_program = program; }

void print_replay(std::uint64_t seed, const char* sentence) {
  std::fflush(stdout);
  std::fprintf(stderr, "seed %" PRIu64 ": %s\n  replay: %s --seed %" PRIu64 " --trace\n", seed, sentence,
               replay_program, seed);
}

}  // namespace amb::sim

// SPDX-License-Identifier: Apache-2.0
//
// A kernel that the data path runs on unchanged: descriptors, TCP connections, listening sockets, pipes, an
// eventfd, one epoll set and a clock. The program's calls of libc end up here because the linker replaces
// them
// (--wrap, calls_*.cc); a descriptor below kFirstFd belongs to the real kernel.
//
// Nothing happens by itself. Whenever our program waits in epoll_wait(), and now and then between two calls,
// the World is asked, and makes bytes arrive, peers end and time pass.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "sim/fake_kernel/connection.h"
#include "sim/fake_kernel/coverage.h"
#include "sim/fake_kernel/file.h"
#include "sim/fake_kernel/pipe_buffer.h"
#include "sim/fake_kernel/random.h"

namespace amb::sim {

class Kernel;

class World {
 public:
  /// Our program waits for at most `timeout_ms`, -1 is for ever: let things happen.
  virtual void on_wait(int timeout_ms) = 0;
  virtual void between_calls() = 0;
  /// Our program connects to `port`: 0 for at once, EINPROGRESS, or why not.
  virtual int on_connect(Connection& connection, std::uint16_t port) = 0;
  virtual Connection& make_connection() = 0;  ///< For socket(2).

 protected:
  ~World() = default;
};

/// Sees every end that our program sends.
class Witness {
 public:
  virtual void on_fin(Connection& connection) = 0;

 protected:
  ~Witness() = default;
};

/// One call in so many goes wrong; 0 is never.
struct Faults {
  std::uint32_t interrupt = 0;
  std::uint32_t short_read = 0;
  std::uint32_t short_write = 0;
  std::uint32_t no_memory = 0;
  std::uint32_t between_calls = 0;  ///< Something happens before the call.
  std::uint32_t no_socket = 0;
  std::uint32_t no_watch = 0;
  std::uint32_t accept_failed = 0;
  std::uint32_t accept_aborted = 0;
  std::uint32_t no_pipe = 0;
  bool pipes_stay_small = false;  ///< F_SETPIPE_SZ is refused.
  bool pipes_are_pages = false;   ///< The user has too many: one page each.
  std::uint32_t segment_bytes = PipeBuffer::kPageBytes;
};

class ListeningSocket final : public File {
 public:
  using File::File;
  std::uint32_t poll() override { return queue.empty() ? 0U : EPOLLIN; }
  /// Who waits in the queue is turned away, as Linux does.
  void on_close() override {
    is_closed = true;
    has_turned_away = !queue.empty() && !was_found_empty;
    for (Connection* connection : queue) {
      connection->resets_on_close = true;
      connection->on_close();
    }
    queue.clear();
  }
  void push(Connection& connection) {
    queue.push_back(&connection);
    wake(EPOLLIN);
  }
  std::vector<Connection*> queue;
  bool is_closed = false;
  bool was_found_empty = false;  ///< By the last accept(2): who comes later comes too late.
  bool has_turned_away = false;  ///< Somebody who did not come too late.
};

class EventCounter final : public File {
 public:
  using File::File;
  std::uint32_t poll() override { return EPOLLOUT | (count > 0 ? EPOLLIN : 0U); }
  void on_close() override {}
  std::uint64_t count = 0;
};

class Kernel {
 public:
  static constexpr int kFirstFd = 1 << 20;

  Kernel(std::uint64_t seed, bool traces, Coverage& coverage);
  ~Kernel();
  Kernel(const Kernel&) = delete;
  Kernel& operator=(const Kernel&) = delete;

  /// The kernel of this schedule, at the begin of a call: the world may act first.
  static Kernel& entered();
  static bool is_fake(int fd) { return fd >= kFirstFd; }

  template <class T, class... Arguments>
  T& make(Arguments&&... arguments) {
    auto made = std::make_unique<T>(*this, std::forward<Arguments>(arguments)...);
    T& file = *made;
    files_.push_back(std::move(made));
    return file;
  }
  PipeBuffer& make_pipe();
  int open(File& file);
  int close(int fd);
  template <class T>
  T& file(int fd) {
    auto* found = dynamic_cast<T*>(&any_file(fd));
    if (found == nullptr) fail("a call was made on a descriptor of another kind");
    return *found;
  }
  File& any_file(int fd);
  int open_count() const { return open_; }
  EpollSet& epoll() { return *epoll_; }
  EpollSet& make_epoll();

  Ms now() const { return now_; }
  void advance(Ms by) { now_ += by; }
  /// Our process got no turn for so long, and cannot have noticed what it looks for from time to time.
  void stop_for(Ms by) {
    now_ += by;
    stopped_ += by;
  }
  Ms stopped() const { return stopped_; }
  bool strikes(std::uint32_t one_in) { return random.one_in(one_in); }
  void saw(Seen what) { coverage_.saw(what); }

  /// Something was achieved: what spins does not call this.
  void progressed() { ++progress_; }
  std::uint64_t progress() const { return progress_; }
  /// epoll_wait() has begun: a call that never comes back shows as too many calls without one.
  void begin_turn() {
    calls_ = 0;
    ++turn_;
  }
  std::uint64_t turn() const { return turn_; }

  /// The schedule is broken: says so with the seed, and ends the program.
  [[noreturn]] void fail(const char* sentence);
  void trace(const char* format, ...) __attribute__((format(printf, 2, 3)));

  Random random;
  Faults faults;
  World* world = nullptr;
  Witness* witness = nullptr;
  bool was_short_of_resources = false;  ///< For a connection to a provider.
  bool has_failed_to_accept = false;
  std::uint16_t next_port = 32768;

 private:
  static Kernel* current_;

  std::uint64_t seed_;
  bool traces_;
  Coverage& coverage_;
  std::vector<std::unique_ptr<File>> files_;
  std::vector<std::unique_ptr<PipeBuffer>> pipes_;
  std::vector<File*> descriptors_;  ///< By number; the lowest free one is taken, as Linux does.
  EpollSet* epoll_ = nullptr;
  int open_ = 0;
  Ms now_;
  Ms stopped_ = 0;
  std::uint64_t progress_ = 0;
  std::uint64_t turn_ = 0;
  int calls_ = 0;
  bool in_world_ = false;
};

/// How a seed is run again, printed with every failure.
void set_replay_command(const char* program);
/// Prints it; async-signal-safe enough for a program that dies.
void print_replay(std::uint64_t seed, const char* sentence);

}  // namespace amb::sim

// SPDX-License-Identifier: Apache-2.0
#include "faults/injection.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <mutex>
#include <new>

extern "C" int __real_epoll_ctl(int epoll, int operation, int fd, epoll_event* event);
extern "C" int __real_getsockopt(int fd, int level, int name, void* value, socklen_t* size);

namespace amb::test {

namespace {

constexpr std::uint64_t kRunaway = 5'000'000;  // calls in one run: the worker will never come back

using Clock = std::chrono::steady_clock;

struct Watch {
  int epoll;
  epoll_event event;
};

struct Injector {
  std::mutex lock;
  std::optional<Fault> fault;
  std::optional<Fault> standing;
  std::array<std::uint64_t, kCalls> calls{};
  std::uint64_t all_calls = 0;
  std::uint64_t injections = 0;
  std::uint64_t accepted = 0;
  Clock::time_point began;       ///< The first injection.
  std::map<int, Watch> watches;  ///< By descriptor.
};

const pthread_t kMainThread = pthread_self();
std::atomic<bool> memory_is_gone{false};
thread_local bool is_booking = false;  ///< The memory asked for is our own, and there is always some.

Injector& injector() {
  static Injector the_one;
  return the_one;
}

bool is_due(const std::optional<Fault>& fault, Call call, std::uint64_t turn) {
  if (!fault || fault->call != call || turn < fault->nth) return false;
  const std::uint64_t since = turn - fault->nth;
  return since % fault->span.every == 0 && since / fault->span.every < fault->span.times;
}

/// Whether the swept fault's time is not yet over.
bool still_lasts(Injector& state) {
  const auto now = Clock::now();
  if (state.injections == 0) state.began = now;
  const int lasts_ms = state.fault->span.lasts_ms;
  return lasts_ms == 0 || now - state.began <= std::chrono::milliseconds(lasts_ms);
}

bool can_block(int socket) {
  tcp_info info{};
  socklen_t size = sizeof info;
  return __real_getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) != 0 || info.tcpi_state != TCP_CLOSE;
}

void give_up(const Injector& state) {
  std::fprintf(stderr, "a worker makes calls without end; the fault: %s\n",
               state.fault ? state.fault->to_string().c_str() : "none");
  std::abort();
}

void raise_edge(int fd, Watch& watch) {
  // Asks for the same events again: the kernel looks whether they are true and reports them anew,
  // epoll_ctl(2).
  (void)__real_epoll_ctl(watch.epoll, EPOLL_CTL_MOD, fd, &watch.event);
}

}  // namespace

void arm(const std::optional<Fault>& fault, const std::optional<Fault>& standing) {
  Injector& state = injector();
  const std::scoped_lock hold(state.lock);
  state.fault = fault;
  state.standing = standing;
  state.calls = {};
  state.all_calls = 0;
  state.injections = 0;
  state.accepted = 0;
}

void disarm() {
  Injector& state = injector();
  const std::scoped_lock hold(state.lock);
  state.fault.reset();
  state.standing.reset();
}

std::uint64_t injections() {
  Injector& state = injector();
  const std::scoped_lock hold(state.lock);
  return state.injections;
}

std::uint64_t calls(Call call) {
  Injector& state = injector();
  const std::scoped_lock hold(state.lock);
  return state.calls[static_cast<std::size_t>(call)];
}

std::uint64_t accepted() {
  Injector& state = injector();
  const std::scoped_lock hold(state.lock);
  return state.accepted;
}

void count_accepted() {
  if (!is_worker()) return;
  Injector& state = injector();
  const std::scoped_lock hold(state.lock);
  ++state.accepted;
}

void run_out_of_memory() { memory_is_gone = true; }
void find_memory() { memory_is_gone = false; }

bool is_worker() { return pthread_equal(pthread_self(), kMainThread) == 0; }

std::optional<Fault> count(Call call, int socket) {
  // The main thread posts to workers through their eventfd; all else it does is the test's own.
  if (!is_worker() && call != Call::eventfd_write) return std::nullopt;
  Injector& state = injector();
  const std::scoped_lock hold(state.lock);
  if (++state.all_calls > kRunaway) give_up(state);
  const std::uint64_t turn = ++state.calls[static_cast<std::size_t>(call)];
  if (is_due(state.fault, call, turn)) {
    if (state.fault->effect == Effect::blocks && !can_block(socket)) return std::nullopt;
    if (!still_lasts(state)) return std::nullopt;
    ++state.injections;
    return state.fault;
  }
  return is_due(state.standing, call, turn) ? state.standing : std::nullopt;
}

void watched(int epoll, int fd, const epoll_event& event) {
  Injector& state = injector();
  const std::scoped_lock hold(state.lock);
  is_booking = true;
  state.watches[fd] = {epoll, event};
  is_booking = false;
}

void unwatched(int fd) {
  Injector& state = injector();
  const std::scoped_lock hold(state.lock);
  state.watches.erase(fd);
}

void raise_edge(int fd) {
  Injector& state = injector();
  const std::scoped_lock hold(state.lock);
  if (const auto found = state.watches.find(fd); found != state.watches.end()) {
    raise_edge(fd, found->second);
  }
}

void raise_all_edges() {
  Injector& state = injector();
  const std::scoped_lock hold(state.lock);
  for (auto& [fd, watch] : state.watches) raise_edge(fd, watch);
}

}  // namespace amb::test

extern "C" void* __real__Znwm(std::size_t bytes);
extern "C" void* __real__Znam(std::size_t bytes);
extern "C" void* __real__ZnwmRKSt9nothrow_t(std::size_t bytes, const std::nothrow_t& tag);

// operator new and operator new[], by the names that the linker knows, and those that do not throw.
namespace {
bool is_memory_gone() {
  return amb::test::memory_is_gone && amb::test::is_worker() && !amb::test::is_booking;
}
}  // namespace
extern "C" void* __wrap__Znwm(std::size_t bytes) {
  if (is_memory_gone()) throw std::bad_alloc();
  return __real__Znwm(bytes);
}
extern "C" void* __wrap__Znam(std::size_t bytes) {
  if (is_memory_gone()) throw std::bad_alloc();
  return __real__Znam(bytes);
}
extern "C" void* __wrap__ZnwmRKSt9nothrow_t(std::size_t bytes, const std::nothrow_t& tag) {
  return is_memory_gone() ? nullptr : __real__ZnwmRKSt9nothrow_t(bytes, tag);
}

// SPDX-License-Identifier: Apache-2.0
//
// Everything that is no socket: pipes and splice(2), read(2), close(2), epoll(7), eventfd(2) and the clock.
#include <fcntl.h>
#include <sys/eventfd.h>
#include <time.h>

#include <cstdarg>
#include <cstddef>

#include "sim/fake_kernel/calls.h"

namespace amb::sim {

namespace {

int resize_pipe(Kernel& kernel, PipeBuffer& pipe, int wish_bytes) {
  if (kernel.faults.pipes_are_pages) {
    kernel.saw(Seen::pipe_too_small);
    return EPERM;
  }
  if (kernel.faults.pipes_stay_small) {
    kernel.saw(Seen::pipe_of_usual_size);
    return EPERM;
  }
  pipe.capacity_bytes = static_cast<std::uint32_t>(wish_bytes);
  return 0;
}

}  // namespace

extern "C" {

int __wrap_pipe2(int* fds, int flags);
int __wrap_pipe2(int* fds, int) {
  Kernel& kernel = Kernel::entered();
  if (kernel.strikes(kernel.faults.no_pipe)) {
    kernel.saw(Seen::pipe_unavailable);
    return status(EMFILE);
  }
  PipeBuffer& pipe = kernel.make_pipe();
  pipe.segment_bytes = kernel.faults.segment_bytes;
  if (kernel.faults.pipes_are_pages) pipe.capacity_bytes = PipeBuffer::kPageBytes;
  fds[0] = kernel.open(kernel.make<PipeEnd>(pipe, true));
  fds[1] = kernel.open(kernel.make<PipeEnd>(pipe, false));
  return 0;
}

int __real_fcntl(int fd, int command, ...);
int __wrap_fcntl(int fd, int command, ...);
int __wrap_fcntl(int fd, int command, ...) {
  va_list arguments;
  va_start(arguments, command);
  const int value = va_arg(arguments, int);
  va_end(arguments);
  if (!Kernel::is_fake(fd)) return __real_fcntl(fd, command, value);
  Kernel& kernel = Kernel::entered();
  PipeBuffer& pipe = kernel.file<PipeEnd>(fd).buffer();
  if (command == F_SETPIPE_SZ) {
    if (const int error = resize_pipe(kernel, pipe, value); error != 0) return status(error);
  }
  return static_cast<int>(pipe.capacity_bytes);
}

ssize_t __wrap_splice(int from, off64_t* from_offset, int to, off64_t* to_offset, size_t size,
                      unsigned flags);
ssize_t __wrap_splice(int from, off64_t*, int to, off64_t*, size_t size, unsigned flags) {
  Kernel& kernel = Kernel::entered();
  if ((flags & SPLICE_F_NONBLOCK) == 0) kernel.fail("a splice could have blocked");
  if (is_interrupted(kernel)) return outcome(-EINTR);
  if (auto* source = dynamic_cast<PipeEnd*>(&kernel.any_file(from))) {
    return outcome(kernel.file<Connection>(to).splice_from(source->buffer(), size));
  }
  return outcome(kernel.file<Connection>(from).splice_into(kernel.file<PipeEnd>(to).buffer(), size));
}

ssize_t __real_read(int fd, void* into, size_t size);
ssize_t __wrap_read(int fd, void* into, size_t size);
ssize_t __wrap_read(int fd, void* into, size_t size) {
  if (!Kernel::is_fake(fd)) return __real_read(fd, into, size);
  Kernel& kernel = Kernel::entered();
  PipeBuffer& pipe = kernel.file<PipeEnd>(fd).buffer();
  if (is_interrupted(kernel)) return outcome(-EINTR);
  if (pipe.held() == 0) return outcome(-EAGAIN);
  kernel.saw(Seen::bytes_held_in_memory);
  return outcome(static_cast<ssize_t>(pipe.read({static_cast<std::byte*>(into), size})));
}

int __real_close(int fd);
int __wrap_close(int fd);
int __wrap_close(int fd) {
  if (!Kernel::is_fake(fd)) return __real_close(fd);
  Kernel& kernel = Kernel::entered();
  (void)kernel.close(fd);
  return is_interrupted(kernel) ? status(EINTR) : 0;  // closed all the same, as Linux does
}

int __wrap_epoll_create1(int flags);
int __wrap_epoll_create1(int) {
  Kernel& kernel = Kernel::entered();
  return kernel.open(kernel.make_epoll());
}

int __wrap_epoll_ctl(int epoll, int operation, int fd, epoll_event* event);
int __wrap_epoll_ctl(int, int operation, int fd, epoll_event* event) {
  Kernel& kernel = Kernel::entered();
  File& file = kernel.any_file(fd);
  if (operation == EPOLL_CTL_DEL) return status(kernel.epoll().remove(file));
  if (operation == EPOLL_CTL_MOD) return status(kernel.epoll().modify(file, *event));
  if (kernel.strikes(kernel.faults.no_watch)) {
    kernel.saw(Seen::no_epoll_watch);
    kernel.was_short_of_resources = true;
    return status(kernel.random.one_in(2) ? ENOSPC : ENOMEM);
  }
  return status(kernel.epoll().add(file, *event));
}

int __wrap_epoll_wait(int epoll, epoll_event* events, int most, int timeout_ms);
int __wrap_epoll_wait(int, epoll_event* events, int most, int timeout_ms) {
  Kernel& kernel = Kernel::entered();
  kernel.world->on_wait(timeout_ms);
  kernel.begin_turn();
  if (is_interrupted(kernel)) return status(EINTR);
  return kernel.epoll().collect(events, most);
}

int __wrap_eventfd(unsigned count, int flags);
int __wrap_eventfd(unsigned count, int) {
  Kernel& kernel = Kernel::entered();
  auto& counter = kernel.make<EventCounter>();
  counter.count = count;
  return kernel.open(counter);
}

int __wrap_eventfd_read(int fd, eventfd_t* value);
int __wrap_eventfd_read(int fd, eventfd_t* value) {
  auto& counter = Kernel::entered().file<EventCounter>(fd);
  if (counter.count == 0) return status(EAGAIN);
  *value = counter.count;
  counter.count = 0;
  return 0;
}

int __wrap_eventfd_write(int fd, eventfd_t value);
int __wrap_eventfd_write(int fd, eventfd_t value) {
  auto& counter = Kernel::entered().file<EventCounter>(fd);
  counter.count += value;
  counter.wake(EPOLLIN);
  return 0;
}

int __wrap_clock_gettime(clockid_t clock, timespec* time);
int __wrap_clock_gettime(clockid_t, timespec* time) {
  const Ms now = Kernel::entered().now();
  *time = {.tv_sec = static_cast<time_t>(now / 1000), .tv_nsec = static_cast<long>(now % 1000 * 1'000'000)};
  return 0;
}

}  // extern "C"

}  // namespace amb::sim

// SPDX-License-Identifier: Apache-2.0
#include "sim/fake_kernel/file.h"

#include <algorithm>
#include <cerrno>

namespace amb::sim {

namespace {

constexpr std::uint32_t kAlwaysTold = EPOLLERR | EPOLLHUP;

}  // namespace

void File::wake(std::uint32_t key) {
  if (watch_.set == nullptr) return;
  if (key == 0 || (key & (watch_.interest | kAlwaysTold)) != 0) watch_.set->make_ready(*this);
}

int EpollSet::add(File& file, const epoll_event& event) {
  if (file.watch_.set != nullptr) return EEXIST;
  file.watch_ = {.set = this, .interest = event.events, .data = event.data, .is_ready = false};
  if (bits(file) != 0) make_ready(file);
  return 0;
}

int EpollSet::modify(File& file, const epoll_event& event) {
  if (file.watch_.set != this) return ENOENT;
  file.watch_.interest = event.events;
  file.watch_.data = event.data;
  if (bits(file) != 0) make_ready(file);
  return 0;
}

int EpollSet::remove(File& file) {
  if (file.watch_.set != this) return ENOENT;
  forget_ready(file);
  file.watch_ = {};
  return 0;
}

bool EpollSet::has_ready() {
  return std::ranges::any_of(ready_, [](File* file) { return bits(*file) != 0; });
}

int EpollSet::collect(epoll_event* events, int most) {
  std::vector<File*> waiting;
  waiting.swap(ready_);
  std::vector<File*> level_triggered;
  int count = 0;
  for (File* file : waiting) {
    if (count == most) {
      ready_.push_back(file);
      continue;
    }
    file->watch_.is_ready = false;
    const std::uint32_t now = bits(*file);
    if (now == 0) continue;
    events[count++] = {.events = now, .data = file->watch_.data};
    file->on_told(now);
    if ((file->watch_.interest & EPOLLET) == 0) level_triggered.push_back(file);
  }
  for (File* file : level_triggered) make_ready(*file);
  return count;
}

void EpollSet::make_ready(File& file) {
  if (file.watch_.is_ready) return;
  file.watch_.is_ready = true;
  ready_.push_back(&file);
}

void EpollSet::forget_ready(File& file) {
  if (file.watch_.is_ready) std::erase(ready_, &file);
  file.watch_.is_ready = false;
}

std::uint32_t EpollSet::bits(File& file) {
  return file.poll() & (file.watch_.interest | kAlwaysTold) & ~static_cast<std::uint32_t>(EPOLLET);
}

}  // namespace amb::sim

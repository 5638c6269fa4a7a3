// SPDX-License-Identifier: Apache-2.0
#include "discovery/file_watch.h"

#include <fcntl.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/await.h"

namespace amb {

namespace {

namespace asio = boost::asio;

}  // namespace

FileWatch::FileWatch(asio::io_context& io, std::vector<std::string> paths, OnChange on_change,
                     OnFailure on_failure, Background* background)
    : io_(io),
      background_(background),
      inotify_(io),
      mounts_(io),
      timer_(io),
      on_change_(std::move(on_change)),
      on_failure_(std::move(on_failure)) {
  for (std::string& path : paths) files_.push_back({.path = std::move(path)});
}

/// The descriptor is closed by who has it last, which may be work in the background.
FileWatch::~FileWatch() {
  if (inotify_.is_open()) (void)inotify_.release();
}

void FileWatch::start() {
  inotify_fd_ = std::make_shared<UniqueFd>(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  boost::system::error_code error;
  int cause = inotify_fd_->is_open() ? 0 : errno;
  if (cause == 0) inotify_.assign(inotify_fd_->borrow(), error);
  if (error) cause = error.value();
  if (cause != 0) return fail_all("cannot start inotify", cause);
  (void)take(watch_paths(inotify_fd_->borrow(), paths()));
  wait();
  // Readable always; an error is a change. Without /proc, or a descriptor, mounts are not seen.
  if (const int mounts = ::open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC); mounts >= 0) {
    mounts_.assign(mounts, error);
    if (error) {
      ::close(mounts);
    } else {
      wait_for_mounts();
    }
  }
}

void FileWatch::look_again() {
  if (inotify_.is_open()) follow();
}

std::vector<std::string> FileWatch::paths() const {
  std::vector<std::string> all;
  for (const File& file : files_) all.push_back(file.path);
  return all;
}

void FileWatch::fail(std::size_t index, const Error& error) {
  if (!std::exchange(files_[index].has_failed, true)) on_failure_(files_[index].path, error);
}

void FileWatch::fail_all(const char* what, int cause) {
  for (std::size_t i = 0; i < files_.size(); ++i) fail(i, {what, cause, {}});
}

/// Watches anew before it tells: whoever reads the file then misses nothing that comes later.
void FileWatch::follow() {
  if (background_ != nullptr) return asio::co_spawn(io_, follow_in_background(), pass_on);
  tell(take(watch_paths(inotify_fd_->borrow(), paths())));
}

asio::awaitable<void> FileWatch::follow_in_background() {
  if (std::exchange(is_following_, true)) {
    follows_again_ = true;
    co_return;
  }
  const std::weak_ptr<bool> alive = alive_;
  do {
    follows_again_ = false;
    auto work = [inotify = inotify_fd_, paths = paths()](const Cancelled&) {
      return watch_paths(inotify->borrow(), paths);
    };
    auto found = co_await background_->run(std::move(work));
    if (alive.expired()) co_return;
    const std::vector<bool> is_empty = take(std::move(*found));
    is_following_ = follows_again_;
    tell(is_empty);
    if (alive.expired()) co_return;
  } while (is_following_);
}

/// Keeps the watches of `found` and no others. Returns which files are empty.
std::vector<bool> FileWatch::take(PathWatches found) {
  for (const auto& [index, error] : found.failures) fail(index, error);
  for (const auto& [watch, old] : watched_) {
    if (!found.watched.contains(watch)) (void)::inotify_rm_watch(inotify_.native_handle(), watch);
  }
  watched_ = std::move(found.watched);
  const bool is_remounted = std::exchange(is_remounted_, false);
  for (std::size_t i = 0; i < files_.size(); ++i) {
    std::vector<int> watches;
    for (const auto& [watch, of] : watched_) {
      const auto is_his = [i](const auto& entry) { return entry.second == i; };
      if (std::ranges::count(of.files, i) != 0 || std::ranges::any_of(of.entries, is_his))
        watches.push_back(watch);
    }
    const bool leads_elsewhere = std::exchange(files_[i].watches, watches) != watches;
    if (is_remounted && leads_elsewhere) files_[i].has_changed = true;  // which makes no event of its own
  }
  return std::move(found.is_empty);
}

void FileWatch::wait() {
  const auto handler = [this, alive = std::weak_ptr<bool>(alive_)](const boost::system::error_code& error) {
    if (error || alive.expired()) return;
    if (read_events()) wait();
  };
  inotify_.async_wait(asio::posix::stream_descriptor::wait_read, handler);
}

void FileWatch::wait_for_mounts() {
  const auto handler = [this, alive = std::weak_ptr<bool>(alive_)](const boost::system::error_code& error) {
    if (error || alive.expired()) return;
    is_remounted_ = true;
    settle_soon();
    wait_for_mounts();
  };
  mounts_.async_wait(asio::posix::stream_descriptor::wait_error, handler);
}

/// Takes all that the kernel has. False when it has nothing to say any more.
bool FileWatch::read_events() {
  alignas(inotify_event) std::array<char, 4096> bytes;
  for (;;) {
    const ssize_t count = ::read(inotify_.native_handle(), bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) return true;
    if (count <= 0) {
      fail_all("cannot read from inotify", errno);
      return false;
    }
    for (std::size_t at = 0; at < static_cast<std::size_t>(count);) {
      inotify_event event;
      std::memcpy(&event, bytes.data() + at, sizeof event);
      const char* name = bytes.data() + at + sizeof event;
      note(event.wd, event.mask, event.len == 0 ? std::string_view() : std::string_view(name));
      at += sizeof event + event.len;
    }
  }
}

void FileWatch::note(int watch, std::uint32_t mask, std::string_view name) {
  std::vector<std::size_t> concerned;
  const auto found = watched_.find(watch);
  if (found != watched_.end()) {
    concerned = found->second.files;
    for (const auto& [entry, index] : found->second.entries) {
      if (entry == name || ends_watch(mask)) concerned.push_back(index);
    }
  } else if ((mask & IN_Q_OVERFLOW) != 0 || is_following_) {  // what was lost, or is new, may be anything
    for (std::size_t i = 0; i < files_.size(); ++i) concerned.push_back(i);
  }
  for (const std::size_t index : concerned) {
    File& file = files_[index];
    ((mask & IN_CREATE) != 0 ? file.is_new : file.has_changed) = true;
  }
  if (!concerned.empty()) settle_soon();
}

void FileWatch::settle_soon() {
  if (std::exchange(is_settling_, true)) return;
  timer_.expires_after(kBurst);
  timer_.async_wait([this, alive = std::weak_ptr<bool>(alive_)](const boost::system::error_code& error) {
    if (!error && !alive.expired()) settle();
  });
}

void FileWatch::flush() {
  if (!inotify_.is_open()) return;
  (void)read_events();
  if (is_settling_) settle();
}

void FileWatch::settle() {
  if (!std::exchange(is_settling_, false)) return;
  timer_.cancel();
  follow();
}

void FileWatch::tell(const std::vector<bool>& is_empty) {
  std::vector<std::string> changed;
  for (std::size_t i = 0; i < files_.size(); ++i) {
    const bool is_new = std::exchange(files_[i].is_new, false);
    const bool has_changed = std::exchange(files_[i].has_changed, false);
    if (has_changed || (is_new && !is_empty[i])) changed.push_back(files_[i].path);
  }
  for (const std::weak_ptr<bool> alive = alive_; const std::string& path : changed) {
    if (alive.expired()) return;
    on_change_(path);
  }
}

}  // namespace amb

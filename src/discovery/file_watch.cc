// SPDX-License-Identifier: Apache-2.0
#include "discovery/file_watch.h"

#include <fcntl.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "discovery/file_places.h"

namespace amb {

namespace {

namespace asio = boost::asio;

// Of a directory on the way: its end, or another name. What several paths want of one directory adds up.
constexpr std::uint32_t kFolderMask = IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR | IN_MASK_ADD;
// Of a directory with the file or a link in it: an entry comes, goes, or is written, too.
constexpr std::uint32_t kDirectoryMask =
    kFolderMask | IN_CREATE | IN_MOVED_TO | IN_DELETE | IN_MOVED_FROM | IN_CLOSE_WRITE;
// Of the file: its directory sees no writer that came to it by another path, as through a bind mount.
constexpr std::uint32_t kFileMask = IN_CLOSE_WRITE | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF;
// After these the watch is of no use any more.
constexpr std::uint32_t kEndMask = IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT | IN_IGNORED;

// A path whose links change while it is followed is followed again; after this many times what changes next
// will be told by the kernel.
constexpr int kMostLooks = 3;

bool is_empty_file(const std::string& path) {
  std::error_code error;
  return std::filesystem::is_regular_file(path, error) && std::filesystem::file_size(path, error) == 0;
}

}  // namespace

FileWatch::FileWatch(asio::io_context& io, std::vector<std::string> paths, OnChange on_change,
                     OnFailure on_failure)
    : inotify_(io),
      mounts_(io),
      timer_(io),
      on_change_(std::move(on_change)),
      on_failure_(std::move(on_failure)) {
  for (std::string& path : paths) files_.push_back({.path = std::move(path)});
}

void FileWatch::start() {
  const int fd = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  boost::system::error_code error;
  int cause = fd < 0 ? errno : 0;
  if (fd >= 0) inotify_.assign(fd, error);
  if (error) {
    cause = error.value();
    ::close(fd);
  }
  if (cause != 0) {
    for (std::size_t i = 0; i < files_.size(); ++i) fail(i, "cannot start inotify", cause, {});
    return;
  }
  (void)arm();
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
  if (inotify_.is_open()) (void)arm();
}

void FileWatch::fail(std::size_t index, const char* what, int error, const std::string& detail) {
  if (std::exchange(files_[index].has_failed, true)) return;
  on_failure_(files_[index].path, {what, error, detail});
}

/// Watches whatever the paths lead through now, and nothing else. Returns those that lead elsewhere.
std::vector<std::size_t> FileWatch::arm() {
  std::map<int, Watched> watched;
  for (std::size_t i = 0; i < files_.size(); ++i) arm(i, watched);
  for (const auto& [watch, old] : watched_) {
    if (!watched.contains(watch)) (void)::inotify_rm_watch(inotify_.native_handle(), watch);
  }
  watched_ = std::move(watched);
  std::vector<std::size_t> elsewhere;
  for (std::size_t i = 0; i < files_.size(); ++i) {
    std::vector<int> watches;
    for (const auto& [watch, of] : watched_) {
      const auto is_his = [i](const auto& entry) { return entry.second == i; };
      if (std::ranges::count(of.files, i) != 0 || std::ranges::any_of(of.entries, is_his))
        watches.push_back(watch);
    }
    if (std::exchange(files_[i].watches, watches) != watches) elsewhere.push_back(i);
  }
  return elsewhere;
}

void FileWatch::arm(std::size_t index, std::map<int, Watched>& watched) {
  FilePlaces places = find_places(files_[index].path);
  for (int look = 0; look < kMostLooks; ++look) {
    for (const auto& [directory, name] : places.entries) {
      if (const int watch = add(index, directory, kDirectoryMask); watch >= 0)
        watched[watch].entries.emplace_back(name, index);
    }
    for (const std::string& folder : places.folders) {
      if (const int watch = add(index, folder, kFolderMask); watch >= 0)
        watched[watch].entries.emplace_back("", index);
    }
    if (!places.file.empty()) {
      if (const int watch = add(index, places.file, kFileMask); watch >= 0)
        watched[watch].files.push_back(index);
    }
    const FilePlaces led_through = std::exchange(places, find_places(files_[index].path));
    if (places == led_through) return;
  }
}

/// -1 when it cannot be had, or is gone already: then the watch of its directory tells.
int FileWatch::add(std::size_t index, const std::string& path, std::uint32_t mask) {
  const int watch = ::inotify_add_watch(inotify_.native_handle(), path.c_str(), mask);
  if (watch < 0 && errno != ENOENT && errno != ENOTDIR) fail(index, "cannot watch", errno, path);
  return watch;
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
      for (std::size_t i = 0; i < files_.size(); ++i) fail(i, "cannot read from inotify", errno, {});
      return false;
    }
    for (std::size_t at = 0; at < static_cast<std::size_t>(count);) {
      inotify_event event;
      std::memcpy(&event, bytes.data() + at, sizeof event);
      const char* name = bytes.data() + at + sizeof event;
      take(event.wd, event.mask, event.len == 0 ? std::string_view() : std::string_view(name));
      at += sizeof event + event.len;
    }
  }
}

void FileWatch::take(int watch, std::uint32_t mask, std::string_view name) {
  std::vector<std::size_t> concerned;
  if ((mask & IN_Q_OVERFLOW) != 0) {  // what was lost may be anything
    for (std::size_t i = 0; i < files_.size(); ++i) concerned.push_back(i);
  } else if (const auto found = watched_.find(watch); found != watched_.end()) {
    concerned = found->second.files;
    for (const auto& [entry, index] : found->second.entries) {
      if (entry == name || (mask & kEndMask) != 0) concerned.push_back(index);
    }
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

/// Watches anew before it tells: whoever reads the file then misses nothing that comes later.
void FileWatch::settle() {
  if (!std::exchange(is_settling_, false)) return;
  timer_.cancel();
  const std::vector<std::size_t> elsewhere = arm();
  if (std::exchange(is_remounted_, false)) {  // which makes no event of its own
    for (const std::size_t index : elsewhere) files_[index].has_changed = true;
  }
  std::vector<std::string> changed;
  for (File& file : files_) {
    const bool is_new = std::exchange(file.is_new, false);
    const bool has_changed = std::exchange(file.has_changed, false);
    if (has_changed || (is_new && !is_empty_file(file.path))) changed.push_back(file.path);
  }
  for (const std::weak_ptr<bool> alive = alive_; const std::string& path : changed) {
    if (alive.expired()) return;
    on_change_(path);
  }
}

}  // namespace amb

// SPDX-License-Identifier: Apache-2.0
#include "discovery/path_watches.h"

#include <sys/inotify.h>

#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <system_error>

#include "discovery/file_places.h"

namespace amb {

namespace {

// Of a directory on the way: its end, or another name. What several paths want of one directory adds up.
constexpr std::uint32_t kFolderMask = IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR | IN_MASK_ADD;
// Of a directory with the file or a link in it: an entry comes, goes, or is written, too.
constexpr std::uint32_t kDirectoryMask =
    kFolderMask | IN_CREATE | IN_MOVED_TO | IN_DELETE | IN_MOVED_FROM | IN_CLOSE_WRITE;
// Of the file: its directory sees no writer that came to it by another path, as through a bind mount.
constexpr std::uint32_t kFileMask = IN_CLOSE_WRITE | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF;

// A path whose links change while it is followed is followed again; after this many times what changes next
// will be told by the kernel.
constexpr int kMostLooks = 3;

class Follower {
 public:
  Follower(int inotify, PathWatches& found) : inotify_(inotify), found_(found) {}

  void follow(std::size_t index, const std::string& path) {
    FilePlaces places = find_places(path);
    for (int look = 0; look < kMostLooks; ++look) {
      watch(index, places);
      const FilePlaces led_through = std::exchange(places, find_places(path));
      if (places == led_through) return;
    }
  }

 private:
  void watch(std::size_t index, const FilePlaces& places) {
    for (const auto& [directory, name] : places.entries) {
      if (const int watch = add(index, directory, kDirectoryMask); watch >= 0)
        found_.watched[watch].entries.emplace_back(name, index);
    }
    for (const std::string& folder : places.folders) {
      if (const int watch = add(index, folder, kFolderMask); watch >= 0)
        found_.watched[watch].entries.emplace_back("", index);
    }
    if (places.file.empty()) return;
    if (const int watch = add(index, places.file, kFileMask); watch >= 0)
      found_.watched[watch].files.push_back(index);
  }

  /// -1 when it cannot be had, or is gone already: then the watch of its directory tells.
  int add(std::size_t index, const std::string& path, std::uint32_t mask) {
    const int watch = ::inotify_add_watch(inotify_, path.c_str(), mask);
    if (watch < 0 && errno != ENOENT && errno != ENOTDIR)
      found_.failures.emplace_back(index, Error{"cannot watch", errno, path});
    return watch;
  }

  int inotify_;
  PathWatches& found_;
};

bool is_empty_file(const std::string& path) {
  std::error_code error;
  return std::filesystem::is_regular_file(path, error) && std::filesystem::file_size(path, error) == 0;
}

}  // namespace

PathWatches watch_paths(int inotify, const std::vector<std::string>& paths) {
  PathWatches found;
  Follower follower(inotify, found);
  for (std::size_t i = 0; i < paths.size(); ++i) follower.follow(i, paths[i]);
  for (const std::string& path : paths) found.is_empty.push_back(is_empty_file(path));
  return found;
}

bool ends_watch(unsigned events) {
  return (events & (IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT | IN_IGNORED)) != 0;
}

}  // namespace amb

// SPDX-License-Identifier: Apache-2.0
//
// Tells when a file has other content, whichever way it came by it: rewritten in place (as Docker does with
// the hosts file that it mounts into a container), replaced by rename, or reached through a symbolic link
// that leads elsewhere now, through a folder that was renamed, or below something else that is mounted there.
// By inotify: the file itself is watched, and the directories that decide what its path leads to; and by the
// kernel's table of mounts.
//
// A file that is being written is told of when its writer closes it, not when it is truncated; what changes
// several times within kBurst is told of once. What nobody can see here (a network file system) is not told
// of at all: whoever depends on a file looks at it by the clock, too.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/background.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "discovery/path_watches.h"

namespace amb {

class FileWatch {
 public:
  using OnChange = std::function<void(const std::string& path)>;
  using OnFailure = std::function<void(const std::string& path, const Error& error)>;

  /// `paths` are absolute; what they name need not exist. Nothing is opened yet. With `background` that is
  /// where paths are followed after start(), so that a disk that does not answer stops nobody.
  FileWatch(boost::asio::io_context& io, std::vector<std::string> paths, OnChange on_change,
            OnFailure on_failure, Background* background = nullptr);
  ~FileWatch();
  FileWatch(const FileWatch&) = delete;
  FileWatch& operator=(const FileWatch&) = delete;

  /// Changes from here on are told. `on_failure` is called, once for each path, when that cannot be had.
  void start();

  /// Follows the paths anew, in case that was lost sight of.
  void look_again();

  /// Tells at once of every change until now, not after the rest of its burst. Not with a background.
  void flush();

  static constexpr std::chrono::milliseconds kBurst{20};

 private:
  struct File {
    std::string path;
    bool has_changed = false;
    bool is_new = false;  ///< Just made: perhaps its writer has not begun.
    bool has_failed = false;
    std::vector<int> watches;  ///< Of the kernel, in order: what the path leads through.
  };
  std::vector<std::string> paths() const;
  void follow();
  boost::asio::awaitable<void> follow_in_background();
  std::vector<bool> take(PathWatches found);
  void tell(const std::vector<bool>& is_empty);
  void fail(std::size_t index, const Error& error);
  void fail_all(const char* what, int cause);
  void wait();
  void wait_for_mounts();
  void settle_soon();
  bool read_events();
  void note(int watch, std::uint32_t mask, std::string_view name);
  void settle();

  boost::asio::io_context& io_;
  Background* background_;
  std::shared_ptr<UniqueFd> inotify_fd_;
  boost::asio::posix::stream_descriptor inotify_;  ///< Waits for it.
  boost::asio::posix::stream_descriptor mounts_;
  boost::asio::steady_timer timer_;
  std::vector<File> files_;
  OnChange on_change_;
  OnFailure on_failure_;
  std::map<int, PathWatches::Watched> watched_;                 ///< By watch descriptor, of files_.
  bool is_following_ = false;                                   ///< In the background,
  bool follows_again_ = false;                                  ///< and then once more.
  bool is_remounted_ = false;                                   ///< Something was mounted, anywhere.
  bool is_settling_ = false;                                    ///< The timer runs.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  ///< For handlers that run after our end.
};

}  // namespace amb

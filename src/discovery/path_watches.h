// SPDX-License-Identifier: Apache-2.0
//
// Has the kernel watch all that some paths lead through. Apart from FileWatch, as a disk may not answer.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace amb {

/// Paths are counted as they were given.
struct PathWatches {
  /// What one watch of the kernel stands for.
  struct Watched {
    /// Names in this directory, and whose they are; no name is the directory itself.
    std::vector<std::pair<std::string, std::size_t>> entries;
    std::vector<std::size_t> files;  ///< Those that are this very file.
  };
  std::map<int, Watched> watched;                       ///< By watch descriptor.
  std::vector<std::pair<std::size_t, Error>> failures;  ///< What cannot be watched.
  std::vector<bool> is_empty;                           ///< By path: a regular file without a byte.
};

/// `paths` are absolute and `inotify` is borrowed. May take as long as a disk does.
PathWatches watch_paths(int inotify, const std::vector<std::string>& paths);

/// Events after which a watch is of no use any more.
bool ends_watch(unsigned events);

}  // namespace amb

// SPDX-License-Identifier: Apache-2.0
//
// Which directory entries decide what a path leads to: its own, and that of every symbolic link on the way.
// Where one of them comes to mean something else, so does the path; and where a folder on the way is renamed.
#pragma once

#include <string>
#include <vector>

namespace amb {

struct FilePlaces {
  /// `name` in `directory`, which holds no link itself.
  struct Entry {
    std::string directory;
    std::string name;
    bool operator==(const Entry&) const = default;
  };
  std::vector<Entry> entries;        ///< In the order in which they are followed. The last may not exist.
  std::vector<std::string> folders;  ///< That it leads through, without links.
  std::string file;                  ///< What is there now, without links; empty when nothing is.
  bool operator==(const FilePlaces&) const = default;
};

/// `path` is absolute. Links are followed up to kMostLinks.
FilePlaces find_places(const std::string& path);

inline constexpr int kMostLinks = 16;

}  // namespace amb

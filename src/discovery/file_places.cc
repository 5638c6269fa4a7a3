// SPDX-License-Identifier: Apache-2.0
#include "discovery/file_places.h"

#include <deque>
#include <filesystem>
#include <system_error>

namespace amb {

namespace {

namespace fs = std::filesystem;

/// The parts of `path` come before those that are still to be followed.
void put_before(std::deque<fs::path>& rest, const fs::path& path) {
  const fs::path relative = path.relative_path();
  rest.insert(rest.begin(), relative.begin(), relative.end());
}

}  // namespace

FilePlaces find_places(const std::string& path) {
  FilePlaces places;
  std::deque<fs::path> rest;
  put_before(rest, path);
  fs::path at = "/";
  int links = 0;
  while (!rest.empty()) {
    const fs::path name = rest.front();
    rest.pop_front();
    if (name.empty() || name == ".") continue;
    if (name == "..") {
      at = at.parent_path();
      continue;
    }
    std::error_code error;
    const fs::file_status status = fs::symlink_status(at / name, error);
    const bool is_link = fs::is_symlink(status);
    if (is_link || rest.empty() || !fs::exists(status)) places.entries.push_back({at, name});
    if (!is_link) {
      if (!fs::exists(status)) return places;
      at /= name;
      if (!rest.empty()) places.folders.push_back(at);
      continue;
    }
    const fs::path target = fs::read_symlink(at / name, error);
    if (error || ++links > kMostLinks) return places;
    if (target.is_absolute()) at = "/";
    put_before(rest, target);
  }
  places.file = at;
  return places;
}

}  // namespace amb

// SPDX-License-Identifier: Apache-2.0
#include "admin/guarded_path.h"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <climits>
#include <deque>
#include <string_view>

#include "base/text.h"

namespace amb {

namespace {

constexpr int kMostLinks = 40;  // as path_resolution(7)

std::deque<std::string> parts_of(std::string_view path) {
  std::deque<std::string> parts;
  for (const std::string_view part : split(path, '/')) {
    if (!part.empty() && part != ".") parts.emplace_back(part);
  }
  return parts;
}

bool is_guarded(const struct stat& file, unsigned uid) {
  if (file.st_uid != 0 && file.st_uid != uid) return false;
  return !S_ISDIR(file.st_mode) || (file.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

std::string target_of(const std::string& link) {
  std::array<char, PATH_MAX> target;
  const ssize_t size = ::readlink(link.c_str(), target.data(), target.size());
  return size <= 0 ? std::string() : std::string(target.data(), static_cast<std::size_t>(size));
}

}  // namespace

/// Step by step, as the kernel goes: each folder that a symbolic link leads through counts as well.
std::string unguarded_part(const std::string& path, unsigned uid) {
  std::deque<std::string> ahead = parts_of(path);
  std::string here;  // without a final slash; empty is "/"
  int links = 0;
  struct stat root{};
  if (::stat("/", &root) != 0 || !is_guarded(root, uid)) return "/";
  while (!ahead.empty()) {
    const std::string part = ahead.front();
    ahead.pop_front();
    if (part == "..") {
      here.erase(here.empty() ? 0 : here.rfind('/'));
      continue;
    }
    const std::string next = here + "/" + part;
    struct stat file{};
    if (::lstat(next.c_str(), &file) != 0 || !is_guarded(file, uid)) return next;
    if (!S_ISLNK(file.st_mode)) {
      here = next;
      continue;
    }
    const std::string target = target_of(next);
    if (target.empty() || ++links > kMostLinks) return next;
    if (target.starts_with('/')) here.clear();
    const auto further = parts_of(target);
    ahead.insert(ahead.begin(), further.begin(), further.end());
  }
  return {};
}

}  // namespace amb

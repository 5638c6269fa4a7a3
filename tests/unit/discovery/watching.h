// SPDX-License-Identifier: Apache-2.0
//
// A file watch under test.
#pragma once

#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "discovery/file_watch.h"
#include "unit/discovery/temporary_folder.h"
#include "unit/support/eventually.h"

namespace amb::test {

/// A watch of files in a folder, and what it has told.
class Watching {
 public:
  enum class In { here, background };

  explicit Watching(const TemporaryFolder& folder, const std::vector<std::string>& names = {"hosts"},
                    In in = In::here)
      : folder_(folder) {
    if (in == In::background) background_.emplace(io_);
    std::vector<std::string> paths;
    for (const std::string& name : names) paths.push_back(folder / name);
    watch_.emplace(
        io_, std::move(paths), [this](const std::string& path) { told_.push_back(name_of(path)); },
        [this](const std::string& path, const Error& error) {
          failures_.push_back(name_of(path) + ": " + error.message());
        },
        background());
    watch_->start();
  }

  /// Waits until something is told, and gives it all; nothing must be told twice.
  std::vector<std::string> told() {
    while (told_.empty() && io_.run_one_for(kDeadline) > 0) {
    }
    return std::exchange(told_, {});
  }
  bool tells_a_change() { return told() == std::vector<std::string>{"hosts"}; }

  /// What is told of all that has happened by now. What would be told later of it is lost on the way.
  std::vector<std::string> told_by_now() {
    watch_->flush();
    return std::exchange(told_, {});
  }
  std::vector<std::string> told_so_far() { return std::exchange(told_, {}); }
  bool tells_nothing() { return told_by_now().empty(); }
  const std::vector<std::string>& failures() const { return failures_; }
  void look_again() { watch_->look_again(); }
  void end() { watch_.reset(); }
  Background* background() { return background_ ? &*background_ : nullptr; }
  boost::asio::io_context& io() { return io_; }

 private:
  std::string name_of(const std::string& path) const {
    return std::filesystem::path(path).lexically_relative(folder_.path()).string();
  }

  const TemporaryFolder& folder_;
  boost::asio::io_context io_;
  std::optional<Background> background_;
  std::optional<FileWatch> watch_;
  std::vector<std::string> told_, failures_;
};

}  // namespace amb::test

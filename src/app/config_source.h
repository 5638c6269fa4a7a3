// SPDX-License-Identifier: Apache-2.0
//
// Reads everything that can hold wiring, again and again, and tells when the file of links has another
// content: written in place, replaced by rename, or behind a symbolic link that leads elsewhere, as
// Kubernetes changes a ConfigMap. It reads on another thread, as a disk or a mount may never answer, and what
// was read is made into links there, too.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "app/cli.h"
#include "app/input.h"
#include "app/journal.h"
#include "app/reading.h"
#include "base/background.h"
#include "discovery/file_watch.h"
#include "wiring/wiring.h"

namespace amb {

class ConfigSource {
 public:
  template <class T>
  using Task = boost::asio::awaitable<T>;
  static constexpr std::chrono::seconds kPatience{10};  ///< With what is read.

  /// Reads for the first time, here and now. Later `background` does.
  ConfigSource(boost::asio::io_context& io, Background& background, CommandLine line, Journal& journal,
               std::string standard_path = kStandardConfigPath);

  /// As it is now; with `instead` that stands for the file. A file that was there and is gone cannot be read:
  /// that is not the same as no file. Fails if there is no answer, or one that nobody foresaw.
  Task<std::expected<Reading, Problem>> read(std::optional<ConfigText> instead = std::nullopt);

  const std::string& path() const { return path_; }  ///< Absolute; empty when there is no file.

  /// `on_change` is called when the file holds something else than when it was last called. Where no file was
  /// named, and none is there, one that comes to the standard place counts.
  void watch(std::function<void()> on_change);

 private:
  Task<void> look();
  Problem no_answer() const;
  void take(const WiringInput& input);

  boost::asio::io_context& io_;
  Background& background_;
  CommandLine line_;
  Journal& journal_;
  std::string standard_path_;
  std::string path_;
  ConfigText last_;  ///< As last read, for whatever purpose.
  ConfigText told_;  ///< As on_change_ was last called for.
  std::function<void()> on_change_;
  std::unique_ptr<FileWatch> watch_;
};

}  // namespace amb

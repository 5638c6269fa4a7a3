// SPDX-License-Identifier: Apache-2.0
//
// Reads everything that can hold wiring, again and again, and tells when the file of links has another
// content: written in place, replaced by rename, or behind a symbolic link that leads elsewhere, as
// Kubernetes changes a ConfigMap.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>

#include "app/cli.h"
#include "app/journal.h"
#include "discovery/file_watch.h"
#include "wiring/wiring.h"

namespace amb {

class ConfigSource {
 public:
  ConfigSource(boost::asio::io_context& io, CommandLine line, Journal& journal);

  /// As it is now. A file that was there and is gone cannot be read: that is not the same as no file.
  WiringInput read();

  const std::string& path() const { return path_; }  ///< Absolute; empty when there is no file.

  /// `on_change` is called when the file holds something else than when it was last called.
  void watch(std::function<void()> on_change);

 private:
  void look();

  boost::asio::io_context& io_;
  CommandLine line_;
  Journal& journal_;
  std::string path_;
  ConfigText last_;  ///< As last read, for whatever purpose.
  ConfigText told_;  ///< As on_change_ was last called for.
  std::function<void()> on_change_;
  std::unique_ptr<FileWatch> watch_;
};

}  // namespace amb

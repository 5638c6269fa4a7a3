// SPDX-License-Identifier: Apache-2.0
//
// A thread that writes lines to standard error, so that nobody else ever waits for whoever reads them. When
// that one is slow, blocked or gone, the oldest lines are dropped and counted.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/log_repeats.h"

namespace amb {

class LogWriter {
 public:
  static constexpr std::size_t kMostLines = 512;             ///< That wait.
  static constexpr std::chrono::milliseconds kEndWait{500};  ///< For the reader to take what is left.

  /// Where no thread can be had, all is written at the end.
  LogWriter();
  ~LogWriter();  ///< As end().
  LogWriter(const LogWriter&) = delete;
  LogWriter& operator=(const LogWriter&) = delete;

  /// From any thread; `line` is without its end. Those that only repeat others may be counted instead.
  void add(std::string line, const std::optional<Repeated>& repeated);

  /// Tells now how many lines were counted.
  void tell_repeats();

  /// Writes what is there, for at most kEndWait, and drops what comes later. A thread that is caught in a
  /// write, as to a terminal that is stopped, is left to itself. From any thread.
  void end();

  /// Lines that nobody took in time.
  std::uint64_t dropped() const;

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
  bool has_thread_ = true;
};

}  // namespace amb

// SPDX-License-Identifier: Apache-2.0
//
// Standard output or error led somewhere else for the length of a scope.
#pragma once

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#include <sanitizer/common_interface_defs.h>
#endif

#include <array>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "base/text.h"
#include "base/unique_fd.h"

namespace amb::test {

/// Everything that goes to `stream` goes to `target` instead.
class Redirected {
 public:
  Redirected(int stream, int target) : stream_(stream) {
    std::fflush(nullptr);
    saved_ = UniqueFd(::fcntl(stream, F_DUPFD_CLOEXEC, 3));
    ::dup2(target, stream);
    if (stream == STDERR_FILENO) send_sanitizer_reports_to(saved_.borrow());
  }
  ~Redirected() {
    std::fflush(nullptr);
    ::dup2(saved_.borrow(), stream_);
    if (stream_ == STDERR_FILENO) send_sanitizer_reports_to(STDERR_FILENO);
  }
  Redirected(const Redirected&) = delete;
  Redirected& operator=(const Redirected&) = delete;

 private:
  /// What a sanitizer has to say is for people, whatever the test does to standard error.
  static void send_sanitizer_reports_to([[maybe_unused]] std::intptr_t fd) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    ::__sanitizer_set_report_fd(reinterpret_cast<void*>(fd));
#endif
  }

  int stream_;
  UniqueFd saved_;
};

/// Keeps what goes to `stream`, in memory.
class Captured {
 public:
  explicit Captured(int stream)
      : file_(::memfd_create("captured", MFD_CLOEXEC)), redirected_(stream, file_.borrow()) {}

  std::string text() const {
    std::fflush(nullptr);
    std::string all;
    std::array<char, 4096> bytes;
    for (ssize_t count = 0;
         (count = ::pread(file_.borrow(), bytes.data(), bytes.size(), std::ssize(all))) > 0;) {
      all.append(bytes.data(), static_cast<std::size_t>(count));
    }
    return all;
  }

  /// The complete lines so far, without their ends.
  std::vector<std::string> lines() const {
    std::vector<std::string> lines;
    const std::string all = text();
    for (const std::string_view line : split(all, '\n')) lines.emplace_back(line);
    lines.pop_back();  // what follows the last line end
    return lines;
  }

 private:
  UniqueFd file_;
  Redirected redirected_;
};

}  // namespace amb::test

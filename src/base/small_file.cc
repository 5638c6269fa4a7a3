// SPDX-License-Identifier: Apache-2.0
#include "base/small_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "base/unique_fd.h"

namespace amb {

namespace {

std::unexpected<Error> failed(const char* what, int code, const std::string& path) {
  return std::unexpected(Error{what, code, path});
}

Result<void> expect_regular(const struct stat& about, const std::string& path) {
  if (S_ISDIR(about.st_mode)) return failed("cannot read", EISDIR, path);
  if (!S_ISREG(about.st_mode)) return failed("this is not a regular file:", 0, path);
  return {};
}

}  // namespace

Result<std::string> read_small_file(const std::string& path, std::size_t most_bytes) {
  // Before it is opened, as opening a device may do something; and after, as it may be another one by then.
  struct stat about{};
  if (::stat(path.c_str(), &about) != 0) return failed("cannot open", errno, path);
  if (const auto regular = expect_regular(about, path); !regular) return std::unexpected(regular.error());
  // O_NONBLOCK: a FIFO without a writer would make open() wait. O_NOCTTY: a terminal must not become ours.
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file.is_open()) return failed("cannot open", errno, path);
  if (::fstat(file.borrow(), &about) != 0) return failed("cannot open", errno, path);
  if (const auto regular = expect_regular(about, path); !regular) return std::unexpected(regular.error());

  std::string text;
  std::array<char, 16384> piece;
  for (;;) {
    // A byte more than allowed, so that a larger file is known for one.
    const std::size_t wanted = std::min(piece.size(), most_bytes + 1 - text.size());
    const ssize_t count = ::read(file.borrow(), piece.data(), wanted);
    if (count == 0) return text;
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed("cannot read", errno, path);
    text.append(piece.data(), static_cast<std::size_t>(count));
    if (text.size() > most_bytes) return failed("cannot read", EFBIG, path);
  }
}

}  // namespace amb

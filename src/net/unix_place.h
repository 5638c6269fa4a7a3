// SPDX-License-Identifier: Apache-2.0
//
// A path in the file system that a UNIX socket of ours is bound to, had under a lock and given back only
// while it is ours. Of two programs that start at once, one has the path and the other one an error; whoever
// has taken the path over from us in the meantime keeps it.
//
// The lock is a file beside the socket, "redis.sock.lock", for as long as the path is ours. A bound socket
// that does not listen yet refuses connections just as a dead program's does; the lock tells them apart.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"
#include "net/address.h"

namespace amb {

/// Which file it is, however its path is spelled.
struct FileId {
  dev_t device = 0;
  ino_t inode = 0;
  friend bool operator==(const FileId&, const FileId&) = default;
};

/// Of what the path leads to; symbolic links are followed. Nothing when nothing is there.
std::optional<FileId> file_id(const std::string& path);

/// Who may connect: on Linux, whoever may write to the socket's file.
struct FileAccess {
  mode_t mode = 0;
  uid_t owner = 0;
  gid_t group = 0;
  friend bool operator==(const FileAccess&, const FileAccess&) = default;
};

class UnixPlace {
 public:
  /// Binds `fd`, a UNIX socket, whose mode (fchmod) less the umask the file gets. A dead program's socket is
  /// taken over; EADDRINUSE for a living one's, EEXIST for another kind of file. An abstract name needs
  /// neither lock nor removal: it is bound, and the place is empty.
  static Result<UnixPlace> bind(int fd, const SocketAddress& address);

  UnixPlace() = default;  ///< Empty.
  UnixPlace(UnixPlace&&) noexcept = default;
  UnixPlace& operator=(UnixPlace&& other) noexcept;
  ~UnixPlace() { give_up(); }

  /// Removes the path if it is still ours, and lets the lock go. Is empty then.
  void give_up() noexcept;

  /// Whether the path still leads to the socket that was bound. Of an empty place: false.
  bool is_ours() const;
  /// Nothing of an empty place.
  std::optional<FileId> id() const;

  /// Of the socket's own file, whatever stands at the path by now. Nothing of an empty place.
  std::optional<FileAccess> access() const;
  Result<void> set_access(const FileAccess& access) const;

  static constexpr std::size_t kDescriptors = 2;  ///< That a place holds open.

 private:
  std::string path_;
  UniqueFd file_;  ///< O_PATH. Keeps the inode's number from becoming another file's.
  UniqueFd lock_;
};

}  // namespace amb

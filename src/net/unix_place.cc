// SPDX-License-Identifier: Apache-2.0
#include "net/unix_place.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "net/socket.h"

namespace amb {

namespace {

constexpr mode_t kPermissions = 07777;
constexpr mode_t kLockMode = 0600;  // whoever could open it could also keep us from starting again

std::string lock_of(const std::string& path) { return path + ".lock"; }

std::unexpected<Error> cannot_listen(const std::string& path, int error) {
  return std::unexpected(Error{"cannot listen on", error, path});
}

std::optional<FileId> id_of(int fd) {
  struct stat file{};
  if (::fstat(fd, &file) != 0) return std::nullopt;
  return FileId{file.st_dev, file.st_ino};
}

/// Of the path itself, be it a symbolic link.
std::optional<FileId> id_at(const std::string& path) {
  struct stat file{};
  if (::lstat(path.c_str(), &file) != 0) return std::nullopt;
  return FileId{file.st_dev, file.st_ino};
}

struct Lock {
  UniqueFd fd;
  bool is_taken = false;  ///< By somebody else.
};

/// The lock may be removed by whoever has it, between our open() and our flock(): what we have is then no
/// longer what the path leads to. Where no lock can be had at all (its file is another user's, the file
/// system knows none) we go on without one.
Lock take_lock(const std::string& path) {
  for (;;) {
    Lock lock{
        UniqueFd(::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, kLockMode))};
    if (!lock.fd.is_open()) return lock;
    if (::flock(lock.fd.borrow(), LOCK_EX | LOCK_NB) != 0) return {UniqueFd(), errno == EWOULDBLOCK};
    if (id_at(path) == id_of(lock.fd.borrow())) return lock;
  }
}

/// 0 when the path is free, or was a dead program's and is free now.
int clear_path(const SocketAddress& address) {
  const std::string path = address.path();
  struct stat file{};
  if (::lstat(path.c_str(), &file) != 0) return 0;
  if (!S_ISSOCK(file.st_mode)) return EEXIST;
  const ConnectResult probe = try_connect(address);
  if (probe.io.status != IoStatus::failed || probe.io.error != ECONNREFUSED) return EADDRINUSE;
  return ::unlink(path.c_str()) == 0 ? 0 : errno;
}

/// What it is about the folder that keeps a socket from being made: "No such file" alone leaves open which.
std::string folder_trouble(const std::string& path, int error) {
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == 0 ? "/" : path.substr(0, slash);
  if (error == ENOENT) return " (is there a folder " + folder + "?)";
  if (error == EACCES) return " (may we write to the folder " + folder + "?)";
  return {};
}

int bind_to(int fd, const SocketAddress& address) {
  return ::bind(fd, address.raw(), address.raw_size()) == 0 ? 0 : errno;
}

}  // namespace

std::optional<FileId> file_id(const std::string& path) {
  struct stat file{};
  if (::stat(path.c_str(), &file) != 0) return std::nullopt;
  return FileId{file.st_dev, file.st_ino};
}

Result<UnixPlace> UnixPlace::bind(int fd, const SocketAddress& address) {
  UnixPlace place;
  const std::string path = address.path();
  if (path.starts_with('@')) {
    if (const int error = bind_to(fd, address); error != 0) return cannot_listen(path, error);
    return place;
  }
  Lock lock = take_lock(lock_of(path));
  // Nobody sees why a path that is not there should be in use.
  if (lock.is_taken)
    return cannot_listen(id_at(path) ? path : path + " (another program holds its .lock)", EADDRINUSE);
  place.path_ = path;
  place.lock_ = std::move(lock.fd);
  if (const int error = clear_path(address); error != 0) return cannot_listen(path, error);
  if (const int error = bind_to(fd, address); error != 0)
    return cannot_listen(path + folder_trouble(path, error), error);
  place.file_ = UniqueFd(::open(path.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  if (place.file_.is_open()) return place;
  const int error = errno;
  (void)::unlink(path.c_str());
  return cannot_listen(path, error);
}

UnixPlace& UnixPlace::operator=(UnixPlace&& other) noexcept {
  UnixPlace old(std::move(*this));
  path_ = std::move(other.path_);
  file_ = std::move(other.file_);
  lock_ = std::move(other.lock_);
  return *this;
}

void UnixPlace::give_up() noexcept {
  if (is_ours()) (void)::unlink(path_.c_str());
  file_.reset();
  if (!lock_.is_open()) return;
  const std::string lock_path = lock_of(path_);
  if (id_at(lock_path) == id_of(lock_.borrow())) (void)::unlink(lock_path.c_str());
  lock_.reset();
}

bool UnixPlace::is_ours() const {
  const auto ours = id();
  return ours && id_at(path_) == ours;
}

std::optional<FileId> UnixPlace::id() const { return file_.is_open() ? id_of(file_.borrow()) : std::nullopt; }

std::optional<FileAccess> UnixPlace::access() const {
  struct stat file{};
  if (!file_.is_open() || ::fstat(file_.borrow(), &file) != 0) return std::nullopt;
  return FileAccess{file.st_mode & kPermissions, file.st_uid, file.st_gid};
}

/// By descriptor: whoever may write to the folder could have put a link to another file at the path.
Result<void> UnixPlace::set_access(const FileAccess& access) const {
  const auto failed = [this](const std::string& what) {
    return std::unexpected(Error{"cannot " + what, errno, path_});
  };
  const auto before = this->access();
  if (!before) return failed("look at");
  if (before->owner != access.owner || before->group != access.group) {
    const std::string who = std::to_string(access.owner) + ":" + std::to_string(access.group);
    if (::fchownat(file_.borrow(), "", access.owner, access.group, AT_EMPTY_PATH) != 0)
      return failed("make " + who + " the owner and group of");
  }
  if (before->mode == access.mode) return {};
  // chmod takes no O_PATH descriptor before Linux 6.6, but what /proc shows of one.
  const std::string file = "/proc/self/fd/" + std::to_string(file_.borrow());
  if (::chmod(file.c_str(), access.mode) != 0) return failed("change the mode of");
  return {};
}

}  // namespace amb

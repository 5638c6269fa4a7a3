// SPDX-License-Identifier: Apache-2.0
#include "admin/control_socket.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/unique_fd.h"
#include "net/address.h"

namespace amb {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Acceptor = ControlSocket::Acceptor;
using Endpoint = asio::generic::stream_protocol::endpoint;

constexpr mode_t kFolderMode = 0700;
constexpr mode_t kSocketMode = 0600;
constexpr int kLockTries = 100;
constexpr int kLockPauseMs = 10;

Endpoint endpoint_of(const SocketAddress& address) { return {address.raw(), address.raw_size()}; }

/// 0, or why nothing of ours may stand in it: others could put a socket of theirs in our place.
int prepare_folder(const std::string& path) {
  if (::mkdir(path.c_str(), kFolderMode) != 0 && errno != EEXIST) return errno;
  struct stat folder{};
  if (::lstat(path.c_str(), &folder) != 0) return errno;
  if (!S_ISDIR(folder.st_mode)) return ENOTDIR;
  if (folder.st_uid != ::geteuid() && folder.st_uid != 0) return EPERM;
  const bool is_open = (folder.st_mode & (S_IWGRP | S_IWOTH)) != 0;
  const bool is_sticky = (folder.st_mode & S_ISVTX) != 0;  // a tmpfs that Docker mounted: nobody removes ours
  return is_open && !is_sticky ? EPERM : 0;
}

/// Keeps two programs from finding the same dead socket and each taking it over. Where the folder cannot be
/// locked, or somebody keeps it, we go on without: that is no worse than having no lock.
UniqueFd lock_folder_of(const SocketAddress& address) {
  const std::string path = address.path();
  const std::size_t slash = path.rfind('/');
  if (path.starts_with('@') || slash == std::string::npos) return {};
  const std::string folder = slash == 0 ? "/" : path.substr(0, slash);
  UniqueFd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  for (int tries = 0; fd.is_open() && tries < kLockTries; ++tries) {
    if (::flock(fd.borrow(), LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) break;
    (void)::poll(nullptr, 0, kLockPauseMs);
  }
  return fd;
}

/// Whether somebody listens there. A socket that nobody has refuses.
bool is_alive(asio::io_context& io, const SocketAddress& address) {
  asio::generic::stream_protocol::socket probe(io);
  error_code error;
  probe.open(endpoint_of(address).protocol(), error);
  if (!error) probe.non_blocking(true, error);
  if (!error) probe.connect(endpoint_of(address), error);
  return error != asio::error::connection_refused;
}

/// 0 when the path is free, or was a dead program's and is free now.
int clear_path(asio::io_context& io, const SocketAddress& address) {
  const std::string path = address.path();
  struct stat file{};
  if (path.starts_with('@') || ::lstat(path.c_str(), &file) != 0) return 0;
  if (!S_ISSOCK(file.st_mode)) return EEXIST;
  if (is_alive(io, address)) return EADDRINUSE;
  return ::unlink(path.c_str()) == 0 ? 0 : errno;
}

/// Listens there, or says why not.
int listen_at(asio::io_context& io, const SocketAddress& address, Acceptor& acceptor) {
  const UniqueFd lock = lock_folder_of(address);
  if (const int in_the_way = clear_path(io, address); in_the_way != 0) return in_the_way;
  const Endpoint endpoint = endpoint_of(address);
  error_code error;
  acceptor.open(endpoint.protocol(), error);
  if (error) return error.value();
  (void)::fcntl(acceptor.native_handle(), F_SETFD, FD_CLOEXEC);
  // bind(2) gives the file the mode that the socket has by then: it is never more open than this.
  if (::fchmod(acceptor.native_handle(), kSocketMode) != 0) return errno;
  acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  return error ? error.value() : 0;
}

std::string describe(int error) { return std::string(": ") + strerrordesc_np(error); }

}  // namespace

ControlSocket::ControlSocket(Acceptor acceptor, std::string place)
    : acceptor_(std::move(acceptor)), place_(std::move(place)) {
  struct stat file{};
  if (reach() == Reach::abstract || ::lstat(place_.c_str(), &file) != 0) return;
  device_ = file.st_dev;
  inode_ = file.st_ino;
}

ControlSocket::ControlSocket(ControlSocket&& other) noexcept
    : acceptor_(std::move(other.acceptor_)),
      place_(std::exchange(other.place_, {})),
      device_(std::exchange(other.device_, 0)),
      inode_(std::exchange(other.inode_, 0)),
      notes_(std::move(other.notes_)) {}

ControlSocket::~ControlSocket() {
  struct stat file{};
  if (inode_ == 0 || ::lstat(place_.c_str(), &file) != 0) return;
  if (file.st_dev == device_ && file.st_ino == inode_) (void)::unlink(place_.c_str());
}

Result<ControlSocket> ControlSocket::open(asio::io_context& io, const ControlSearch& search) {
  std::vector<std::string> notes;
  Error failure{"no place for the control socket", 0, {}};
  for (const ControlSpot& spot : control_spots(search)) {
    const int barred = spot.kind == ControlSpot::Kind::folder ? prepare_folder(spot.folder) : 0;
    if (barred != 0) {
      failure = {"cannot use the folder", barred, spot.folder};
      notes.push_back("the control socket is not in " + spot.folder + describe(barred));
      continue;
    }
    for (const SocketAddress& address : spot.addresses) {
      Acceptor acceptor(io);
      const int error = listen_at(io, address, acceptor);
      if (error == 0) {
        ControlSocket socket(std::move(acceptor), address.path());
        socket.notes_ = std::move(notes);
        return socket;
      }
      failure = {"cannot listen on", error, address.path()};
      notes.push_back("the control socket is not " + address.path() + describe(error));
      if (error != EADDRINUSE && error != EEXIST) break;  // its neighbours would fare the same
    }
  }
  return std::unexpected(failure);
}

}  // namespace amb

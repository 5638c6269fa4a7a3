// SPDX-License-Identifier: Apache-2.0
#include "admin/control_socket.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "net/address.h"

namespace amb {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Acceptor = ControlSocket::Acceptor;
using Endpoint = asio::generic::stream_protocol::endpoint;

constexpr mode_t kFolderMode = 0700;
constexpr mode_t kSocketMode = 0600;

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

/// Listens there, or says why not.
Result<UnixPlace> listen_at(const SocketAddress& address, Acceptor& acceptor) {
  error_code error;
  acceptor.open(Endpoint(address.raw(), address.raw_size()).protocol(), error);
  if (error) return std::unexpected(Error{"cannot listen on", error.value(), address.path()});
  (void)::fcntl(acceptor.native_handle(), F_SETFD, FD_CLOEXEC);
  // bind(2) gives the file the mode that the socket has by then: it is never more open than this.
  if (::fchmod(acceptor.native_handle(), kSocketMode) != 0)
    return std::unexpected(Error{"cannot listen on", errno, address.path()});
  auto place = UnixPlace::bind(acceptor.native_handle(), address);
  if (!place) return place;
  acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) return std::unexpected(Error{"cannot listen on", error.value(), address.path()});
  return place;
}

std::string describe(int error) { return std::string(": ") + strerrordesc_np(error); }

}  // namespace

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
      auto place = listen_at(address, acceptor);
      if (place)
        return ControlSocket(std::move(acceptor), address.path(), std::move(*place), std::move(notes));
      failure = place.error();
      notes.push_back("the control socket is not " + failure.detail + describe(failure.code));
      if (failure.code != EADDRINUSE && failure.code != EEXIST) break;  // its neighbours would fare the same
    }
  }
  return std::unexpected(failure);
}

}  // namespace amb

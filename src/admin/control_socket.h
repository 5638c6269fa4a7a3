// SPDX-License-Identifier: Apache-2.0
//
// The UNIX socket that the program is steered by: opened in the first place that can be had, with mode 0600
// from its first moment, and removed at the end if it is still ours.
#pragma once

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <string>
#include <utility>
#include <vector>

#include "admin/control_places.h"
#include "admin/peer_identity.h"
#include "base/result.h"
#include "net/unix_place.h"

namespace amb {

class ControlSocket {
 public:
  using Acceptor = boost::asio::basic_socket_acceptor<boost::asio::generic::stream_protocol>;

  /// Listens when it returns. A dead program's socket is taken over, a living one's never. Fails when no
  /// place of the search can be had; must not be called when it is off.
  static Result<ControlSocket> open(boost::asio::io_context& io, const ControlSearch& search);

  const std::string& place() const { return place_; }
  Reach reach() const { return place_.starts_with('@') ? Reach::abstract : Reach::file; }
  /// A sentence for each place that could not be had.
  const std::vector<std::string>& notes() const { return notes_; }
  /// The listening socket; the path stays with us.
  Acceptor take_acceptor() { return std::move(acceptor_); }

 private:
  ControlSocket(Acceptor acceptor, std::string place, UnixPlace path, std::vector<std::string> notes)
      : acceptor_(std::move(acceptor)),
        place_(std::move(place)),
        path_(std::move(path)),
        notes_(std::move(notes)) {}

  Acceptor acceptor_;
  std::string place_;
  UnixPlace path_;
  std::vector<std::string> notes_;
};

}  // namespace amb

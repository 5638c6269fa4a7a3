// SPDX-License-Identifier: Apache-2.0
//
// Where the running program is asked and steered: HTTP over the control socket and, if that was asked for,
// over TCP with a token. docs/openapi.yaml says what can be asked; Control knows the answers. On the control
// thread.
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "admin/control.h"
#include "admin/control_places.h"
#include "admin/http_limits.h"
#include "base/result.h"
#include "net/address.h"
#include "wiring/settings.h"

namespace amb {

struct AdminSettings {
  ControlSearch control;             ///< Where the UNIX socket may be.
  std::optional<SocketAddress> tcp;  ///< AMBASSADOR_ADMIN.
  std::string token;                 ///< Of one of these two the TCP listener has its token.
  std::string token_file;
  std::vector<std::string> hosts;  ///< Further values of Host that the TCP listener knows for its own.
  HttpLimits limits;
  int own_pid = 0;                        ///< No connection of this process is its owner's; 0: they are.
  std::optional<unsigned> ambiguous_uid;  ///< peer_identity.h
};

/// As the settings and the environment of this process say.
AdminSettings admin_settings(const Settings& settings);

/// Where it can be reached now. Both may be empty.
struct AdminPlaces {
  std::string control;  ///< "/run/ambassador/control.sock", "@ambassador-control-65534".
  std::string tcp;      ///< "127.0.0.1:9900".
  std::vector<std::string>
      notes;            ///< Sentences for the log: which places before `control` were passed over, why.
  std::string failure;  ///< Why there is no control socket, though nobody turned it off.
  std::vector<SocketAddress> addresses;  ///< The same as addresses: no link may lead there.
};

/// Where it may come to be reached, before start(): no link may lead there.
std::vector<SocketAddress> planned_addresses(const AdminSettings& settings);

class AdminServer {
 public:
  /// `io` and `control` must outlive the server.
  AdminServer(boost::asio::io_context& io, Control& control, AdminSettings settings);
  ~AdminServer();  ///< As stop().
  AdminServer(const AdminServer&) = delete;
  AdminServer& operator=(const AdminServer&) = delete;

  /// Opens both listeners and serves from then on, or neither: a place that was named is taken, a token is
  /// missing. Where no place was named it goes on without a control socket, for others can sit in all of
  /// them.
  Result<AdminPlaces> start();

  /// In place of the one that TCP has had.
  void set_token(const std::string& token);

  /// Closes every connection and removes the socket's path. `control` is not called any more.
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace amb

// SPDX-License-Identifier: Apache-2.0
//
// Finds a session its upstream leg: tries the link's endpoints in order, each for connect_timeout and the
// last one for all that is left of connect_total. When they have failed, or the last one is slow, and names
// are involved, it asks the resolver once more and tries what is new. No consumer byte has been read by then,
// so nothing can be sent twice.
#pragma once

#include "base/intrusive_list.h"
#include "base/unique_fd.h"
#include "loop/event_loop.h"
#include "net/compact_address.h"
#include "proxy/close_reason.h"
#include "proxy/session_host.h"

namespace amb {

struct WaitingTag;  // for the worker's list of connectors that wait for the resolver

/// Hears how it went, exactly once: one of the first three.
class ConnectorOwner {
 public:
  virtual void on_connected() = 0;
  virtual void on_connected_lost(int error) = 0;  ///< Connected, and reset by the upstream before we noticed.
  virtual void on_connect_failed(CloseReason reason) = 0;
  virtual EventSource& upstream_events() = 0;  ///< Gets the events of the new socket, from the first on.

 protected:
  ~ConnectorOwner() = default;
};

class Connector final : public ListHook<WaitingTag>, private Timer {
 public:
  Connector(SessionHost& host, ConnectorOwner& owner, LinkId link);

  void start();
  void on_upstream_events(std::uint32_t events);
  void on_resolved();
  void cancel();

  LinkId link() const { return link_; }
  UniqueFd take_fd() { return std::move(fd_); }  ///< After on_connected().
  const CompactAddress& endpoint() const { return endpoint_; }
  int error() const { return error_; }  ///< errno of the last failure.

 private:
  std::uint32_t turn() { return static_cast<std::uint32_t>(host_.loop().turn_number()); }
  void on_timer() override;
  void try_next();
  bool attempt(const SocketAddress& endpoint, bool is_last);
  void attempt_failed(int error);
  void abandon_attempt();
  void connected();
  void stop_waiting();
  void ask_resolver();
  void exhausted();
  void give_up();
  void fail(CloseReason reason);

  SessionHost& host_;
  ConnectorOwner& owner_;
  std::uint64_t generation_ = 0;  ///< Of the endpoints that next_ counts in.
  Milliseconds give_up_ = 0;      ///< When connect_total is over.
  LinkId link_;
  std::uint32_t next_ = 0;           ///< The endpoint to try next.
  std::uint32_t begun_in_turn_ = 0;  ///< Of the loop: when the present attempt began.
  int error_ = 0;
  UniqueFd fd_;
  CompactAddress endpoint_;
  std::uint16_t attempts_ = 0;
  bool asked_resolver_ = false;
};

}  // namespace amb

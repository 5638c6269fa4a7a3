// SPDX-License-Identifier: Apache-2.0
//
// One listening socket of one worker. Accepts in batches, never spins: when descriptors or memory run out, or
// the session limit is reached, it leaves epoll and looks again later; the consumers wait in the kernel's
// backlog meanwhile. While its link has no endpoint it may refuse connections altogether. Nothing on this
// path resolves a name, logs, or blocks.
#pragma once

#include "base/unique_fd.h"
#include "loop/event_loop.h"
#include "net/compact_address.h"
#include "proxy/route.h"
#include "proxy/wiring_change.h"

namespace amb {

/// What a listener needs of its worker.
class ListenerHost {
 public:
  virtual EventLoop& loop() = 0;
  virtual bool take_session_slot(LinkId link) = 0;  ///< False at the session limit, or at the link's.
  virtual void return_session_slot(LinkId link) = 0;
  virtual bool has_memory() = 0;  ///< For one more session.
  virtual void open_session(LinkId link, UniqueFd downstream,
                            const CompactAddress& peer) = 0;  ///< Uses the slot.
  virtual void on_accept_failed(LinkId link, int error) = 0;  ///< Out of resources; accepting is paused.
  virtual void on_session_limit(LinkId link) = 0;             ///< At the limit; accepting is paused.
  virtual bool suspects_loop() = 0;                           ///< Our own sessions seem to come back to us.

 protected:
  ~ListenerHost() = default;
};

class Listener final : private EventSource, private Timer {
 public:
  Listener(ListenerHost& host, ListenerId id, LinkId link, UniqueFd fd);
  ~Listener() = default;

  /// False when the loop cannot watch one more descriptor.
  [[nodiscard]] bool start();
  void start_later();  ///< And again, until it can.

  /// Takes what is in the kernel's queue, then closes, so that no one who got through is turned away.
  void close();
  bool is_open() const { return fd_.is_open(); }
  ListenerId id() const { return id_; }
  LinkId link() const { return link_; }
  void set_link(LinkId link) { link_ = link; }  ///< For who comes from now on.

  /// Lets the kernel refuse connections, once those that got through have been taken. A UNIX socket goes on.
  void refuse();
  void accept_again();

  /// A session has ended: a paused listener looks at once instead of when the pause is over. Not so while a
  /// loop is suspected: there the pause lets the sessions that are coming down come down, instead of feeding
  /// each freed slot to the next round.
  void on_slot_free();

 private:
  enum class AcceptOutcome : std::uint8_t { queue_empty, batch_done, paused };

  void on_events(std::uint32_t events) override;
  void on_timer() override { resume(); }
  AcceptOutcome accept_batch();
  void take_queue();
  void pause();
  void resume();

  ListenerHost& host_;
  ListenerId id_;
  LinkId link_;
  UniqueFd fd_;
  int batch_ = 1;                ///< Accepts per wake-up.
  std::uint64_t last_turn_ = 0;  ///< Of the loop, when the queue last held something.
  bool is_refusing_ = false;     ///< It does not listen.
  bool was_paused_ = false;      ///< What is in the queue has waited, and may have given up.
};

}  // namespace amb

// SPDX-License-Identifier: Apache-2.0
//
// The two ends of one connection through a link, driven together by one thread without blocking: each sends
// what it was told to and takes whatever comes. Unlike Peer they expect nothing; afterwards one looks at what
// each of them has seen.
#pragma once

#include <poll.h>

#include <cstddef>
#include <cstdint>

#include "support/peer.h"

namespace amb::test {

class End {
 public:
  /// `stream` is what it sends; it receives the other one (1 and 2).
  explicit End(unsigned stream) : stream_(stream) {}

  void joins(Peer peer);
  bool has_joined() const { return has_joined_; }

  void sends(std::size_t bytes) { to_send_ += bytes; }  ///< That many more.
  void ends() { wants_end_ = true; }                    ///< After all of it.
  void resets();

  std::size_t sent() const { return sent_; }
  std::size_t received() const { return received_; }
  bool has_sent_all() const { return sent_ == to_send_; }
  bool has_sent_end() const { return has_sent_end_; }
  bool saw_end() const { return saw_end_; }
  bool saw_reset() const { return saw_reset_; }
  bool has_reset() const { return has_reset_; }
  bool got_wrong_bytes() const { return got_wrong_bytes_; }
  /// Nothing will happen to it any more.
  bool is_over() const;
  int fd() const { return peer_.fd(); }

  /// Moves what can be moved; what to poll for after that.
  pollfd step();
  void sees(short events);  ///< What poll said.

 private:
  void send_some();
  void receive_some();

  Peer peer_;
  unsigned stream_;
  std::size_t to_send_ = 0;
  std::size_t sent_ = 0;
  std::size_t received_ = 0;
  bool wants_end_ = false;
  bool has_sent_end_ = false;
  bool is_full_ = false;  ///< The last send would have blocked.
  bool cannot_send_ = false;
  bool saw_end_ = false;
  bool saw_reset_ = false;
  bool has_reset_ = false;
  bool has_joined_ = false;
  bool got_wrong_bytes_ = false;
};

struct Conversation {
  End consumer{1};
  End provider{2};
  bool is_exact() const { return consumer.saw_end() && provider.saw_end(); }
  bool was_never_connected = false;  ///< The next visitor belongs to another one.
};

}  // namespace amb::test

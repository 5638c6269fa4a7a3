// SPDX-License-Identifier: Apache-2.0
//
// One end of a connection, as a test speaks of it: connects, sends, expects, ends. Blocking with a deadline
// of ten seconds, so that a hang is a failure with a sentence. Streams of bytes are numbered: the byte at
// place i of stream s is always the same, so that a reader can check any amount without keeping it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/unique_fd.h"
#include "net/address.h"

namespace amb::test {

/// The next bytes of a numbered stream.
class Pattern {
 public:
  explicit Pattern(std::uint64_t stream) : stream_(stream) {}
  std::byte at(std::uint64_t place) const;

 private:
  std::uint64_t stream_;
};

class Peer {
 public:
  Peer() = default;
  explicit Peer(UniqueFd fd);

  static Peer connect_to(const SocketAddress& address);
  /// Connects with a receive buffer of about this size, so that a test can be a slow reader.
  static Peer connect_to(const SocketAddress& address, int receive_buffer_bytes);

  void sends(std::string_view text);
  void sends_pattern(std::uint64_t stream, std::size_t bytes);
  /// As much as the other side takes at once, or until a reset; says how much that was.
  std::size_t sends_until_full(std::uint64_t stream);
  void ends();    ///< FIN; reading goes on.
  void resets();  ///< RST at once; what was not sent yet is gone.
  void closes();  ///< close(2): FIN, or RST when bytes lie unread.

  void expects(std::string_view text);
  void expects_pattern(std::uint64_t stream, std::size_t bytes, std::uint64_t from = 0);
  void expects_end();
  void expects_reset();
  /// Reads pattern bytes until end or reset; says how many came and that it was a reset.
  struct Rest {
    std::size_t bytes = 0;
    bool was_reset = false;
  };
  Rest reads_rest(std::uint64_t stream);
  void has_nothing_to_read();
  void waits_until_delivered();  ///< Everything sent is acknowledged by the other kernel.

  bool is_connected() const { return fd_.is_open(); }
  int fd() const { return fd_.borrow(); }
  SocketAddress local() const;

 private:
  UniqueFd fd_;
  bool was_reset_ = false;  ///< Reported by connect(2) itself, so soon after the handshake, or by send(2).
};

/// The far service: listens on a free port, or where it is told to.
class Provider {
 public:
  Provider();
  explicit Provider(const SocketAddress& address);

  const SocketAddress& address() const { return address_; }
  Peer accepts();
  void has_room_for_one();   ///< In its queue, from now on.
  bool has_visitor() const;  ///< A connection waits to be accepted.
  void stops_listening() { fd_.reset(); }

 private:
  UniqueFd fd_;
  SocketAddress address_;
};

/// Polls until `condition` holds, at most ten seconds; false then.
template <class Condition>
bool eventually(Condition condition);

bool wait_a_moment(int& attempts);  ///< For eventually(): 5 ms, false when the ten seconds are over.

template <class Condition>
bool eventually(Condition condition) {
  int attempts = 0;
  while (!condition()) {
    if (!wait_a_moment(attempts)) return false;
  }
  return true;
}

}  // namespace amb::test

// SPDX-License-Identifier: Apache-2.0
//
// One TCP connection of the fake kernel: our end as Linux keeps it, and what the peer's kernel knows. Bytes
// are counted, not stored. Three parties act on it, each in a file of its own:
//
//   our program     the system calls                         connection_calls.cc
//   the network     arrivals, acknowledgements, resets       connection_network.cc
//   the peer        its program's writes, reads and ends     connection_peer.cc
//
// What Linux does and the data path depends on is kept exactly: which act raises which edge, that queued
// bytes stay readable after a reset, that SO_ERROR and a failed call consume the error, that a close with
// unread bytes is a reset, that room is told only once a third of the send buffer is free (tcp_input.c,
// tcp.c, af_inet.c).
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <span>

#include "sim/fake_kernel/byte_stream.h"
#include "sim/fake_kernel/file.h"
#include "sim/fake_kernel/pipe_buffer.h"

struct tcp_info;

namespace amb::sim {

using Ms = std::uint64_t;

/// From the peer to us, in bytes since the beginning: written ≥ arrived ≥ read.
struct Incoming {
  ByteStream bytes;
  std::uint64_t written = 0;  ///< By the peer's program.
  std::uint64_t arrived = 0;  ///< In our kernel.
  std::uint64_t read = 0;     ///< By our program.
  std::uint64_t buffer = 0;
  std::uint64_t urgent_end = 0;  ///< Behind the urgent byte that is on its way or unread; 0 is none.
  bool fin_written = false;
  bool fin_arrived = false;
  bool fin_read = false;  ///< A call of ours has returned 0.
  Ms fin_read_at = 0;
  bool reset_sent = false;
};

/// From us to the peer: written ≥ delivered ≥ acknowledged, delivered ≥ read.
struct Outgoing {
  ByteStream bytes;  ///< What has to be written here.
  std::uint64_t written = 0;
  std::uint64_t delivered = 0;  ///< In the peer's kernel.
  std::uint64_t acknowledged = 0;
  std::uint64_t read = 0;  ///< By the peer's program.
  std::uint64_t send_buffer = 0;
  std::uint64_t peer_buffer = 0;
  bool fin_written = false;
  bool fin_delivered = false;
  bool fin_acknowledged = false;
  bool reset_sent = false;
  Ms last_write = 0;
  Ms last_acknowledged = 0;
};

class Connection final : public File {
 public:
  enum class State : std::uint8_t { fresh, connecting, established, lost };

  explicit Connection(Kernel& kernel) : File(kernel) {}
  void set_label(std::uint32_t label) { label_ = label; }

  // Our program. Counts, or a negative errno.
  std::uint32_t poll() override;
  void on_close() override;
  void on_told(std::uint32_t bits) override;
  ssize_t receive(std::span<std::byte> into);
  ssize_t send(std::span<const std::byte> bytes);
  ssize_t splice_into(PipeBuffer& pipe, std::size_t most);
  ssize_t splice_from(PipeBuffer& pipe, std::size_t most);
  int shutdown_write();
  int take_error();
  std::uint64_t unacknowledged() const;
  void describe(tcp_info& info);

  // The network. Each needs its can_… or a count that fits.
  void begin_connecting() { state_ = State::connecting; }
  void cannot_connect() { state_ = State::fresh; }  ///< connect(2) says so itself.
  void establish();
  void lose(int error);  ///< A refused handshake, keepalive, a router's word.
  std::uint64_t arriving() const;
  void arrive(std::uint64_t bytes);
  bool can_fin_arrive() const;
  void arrive_fin();
  bool can_reset_arrive() const { return in.reset_sent && !is_over(); }
  void arrive_reset();
  std::uint64_t deliverable() const;
  void deliver(std::uint64_t bytes);
  bool can_acknowledge() const;
  void acknowledge();
  void vanish();

  // The peer's program.
  std::uint64_t peer_room() const;
  void peer_write(std::uint64_t bytes);
  void peer_write_urgent(std::uint64_t bytes);  ///< The last of them is urgent.
  std::uint64_t peer_unread() const { return out.delivered - out.read; }
  void peer_read(std::uint64_t bytes) { out.read += bytes; }
  bool peer_saw_end() const { return out.fin_delivered && peer_unread() == 0; }
  void peer_shutdown() { in.fin_written = true; }
  void peer_close();
  void peer_reset();
  bool is_peer_done() const { return peer_closed_ || in.reset_sent || out.reset_sent || vanished_at_ != 0; }

  std::uint32_t label() const { return label_; }
  State state() const { return state_; }
  bool is_established() const { return established_at_ != 0; }  ///< Or has been.
  bool is_lost() const { return state_ == State::lost; }
  bool was_reset() const { return reset_arrived_; }
  bool is_closed() const { return closed_; }
  bool has_vanished() const { return vanished_at_ != 0; }
  Ms vanished_at() const { return vanished_at_; }
  Ms told_connected_at() const { return told_connected_at_; }  ///< When our program heard of it; 0 is never.
  Ms told_lost_at() const { return told_lost_at_; }
  bool has_timed_out() const { return timed_out_; }
  bool was_reset_unnoticed() const {
    return was_reset_unnoticed_;
  }  ///< Before our program knew that it is up.
  Ms described_at() const { return described_at_; }  ///< When our program last asked for TCP_INFO.
  bool is_writeable() const;
  std::uint64_t unread() const { return in.arrived - in.read; }

  Incoming in;
  Outgoing out;
  bool keeps_alive = false;          ///< SO_KEEPALIVE.
  bool keeps_urgent_inline = false;  ///< SO_OOBINLINE.
  bool resets_on_close = false;      ///< SO_LINGER 0.
  int splice_error = 0;              ///< What splicing from it gives; 0 works.
  int splice_out_error = 0;          ///< What splicing into it gives.
  std::uint16_t local_port = 0;
  std::uint16_t peer_port = 0;

 private:
  /// How far a call may read: not past the place before an urgent byte, unless it is there already.
  std::uint64_t readable() const;
  bool is_urgent_here() const { return in.urgent_end != 0 && in.urgent_end <= in.arrived; }
  void was_read(std::uint64_t bytes);
  int pending_failure();
  std::uint64_t send_room() const;
  void took(std::uint64_t bytes, std::uint64_t wanted);
  /// Both ends have gone through: the connection is no more.
  bool is_over() const { return is_lost() || (out.fin_acknowledged && in.fin_arrived); }
  void told_lost();
  void reset_by_us();
  void drop_undelivered();
  void cut_flight();

  std::uint32_t label_ = 0;  ///< The owner's; the fake kernel only prints it.
  State state_ = State::fresh;
  int error_ = 0;           ///< SO_ERROR.
  bool no_space_ = false;   ///< An edge is owed once there is room.
  std::uint64_t turn_ = 0;  ///< In which it was last read, and how much there.
  std::uint64_t read_in_turn_ = 0;
  bool closed_ = false;
  bool peer_closed_ = false;
  bool reset_arrived_ = false;
  bool was_reset_unnoticed_ = false;
  bool timed_out_ = false;
  bool spliced_ = false;
  Ms established_at_ = 0;
  Ms told_connected_at_ = 0;
  Ms told_lost_at_ = 0;
  Ms vanished_at_ = 0;
  Ms described_at_ = 0;
};

}  // namespace amb::sim

// SPDX-License-Identifier: Apache-2.0
//
// How often each interesting thing happened. A simulator that never reaches a state proves nothing about it,
// so a run in which one of these stayed at zero has failed.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace amb::sim {

enum class Seen : std::uint8_t {
  // the kernel's whims
  interrupted_call,
  short_read,
  short_write,
  no_memory_to_send,
  spurious_wake_up,
  something_between_two_calls,
  stopped_process,
  accept_failed,
  accept_aborted,
  // streams
  send_refused_by_full_buffer,
  end_arrived,
  end_with_last_bytes,
  reset_arrived,
  reset_with_unread_bytes,
  reset_after_end,
  read_stopped_at_urgent_byte,
  splice_stopped_at_urgent_byte,
  peer_timed_out,
  peer_vanished,
  bytes_to_a_closed_peer,
  // splicing
  splicing_entered,
  splicing_left,
  pipe_kept_bytes,
  pipe_destroyed_with_bytes,
  pipe_out_of_slots,
  pipe_of_usual_size,
  pipe_too_small,
  pipe_unavailable,
  splice_refused_by_socket,
  splice_refused_by_kernel,
  splice_refused_by_sink,
  // sessions
  megabytes_in_one_turn,
  bytes_held_in_memory,
  bytes_after_half_close,
  connect_refused,
  connect_slow,
  connect_failed_at_once,
  connect_interrupted,
  connected_at_once,
  connected_to_itself,
  connected_and_reset_unnoticed,
  failed_over,
  raced,
  first_of_a_race_won,
  second_of_a_race_won,
  endpoint_ejected,
  endpoint_back,
  resolver_asked,
  no_socket,
  no_epoll_watch,
  session_limit,
  reset_waited_for_delivery,
  delivery_given_up,
  cut_while_connecting,
  cut_while_relaying,
  cut_while_aborting,
  rewired,
  rewired_while_connecting,
  cut_elsewhere,
  drained,
  several_sessions,
  both_sides_lost,
  // what sessions ended with, in the order of CloseReason
  ended_eof,
  ended_client_reset,
  ended_upstream_reset,
  ended_client_dead,
  ended_upstream_dead,
  ended_idle_timeout,
  ended_halfclose_timeout,
  ended_connect_refused,
  ended_connect_timeout,
  ended_no_upstream,
  ended_limit,
  ended_endpoint_down,
  ended_drain_deadline,
  ended_removed,
  count,
};

class Coverage {
 public:
  void saw(Seen what) { ++times_[static_cast<std::size_t>(what)]; }

  /// Prints every line "name times"; the number of classes that never occurred.
  int print() const;

 private:
  std::array<std::uint64_t, static_cast<std::size_t>(Seen::count)> times_{};
};

}  // namespace amb::sim

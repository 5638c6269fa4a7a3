# SPDX-License-Identifier: Apache-2.0
"""All cases in their order. A function's name is what a good relay does."""

from dataclasses import dataclass
from typing import Callable

from cases import bad_wires, balance, half_close, killed_relay, killed_socket, memory_limit, resets, scarce, segments
from cases import short_connections, slow_readers, small_writes, unix_upstream


@dataclass(frozen=True)
class Case:
    play: Callable
    #: Played longer or more often with --full.
    scales: bool = False
    #: Not promised of the ambassador today, which docs/reliability.md says.
    is_promised: bool = True

    @property
    def name(self):
        return self.play.__name__

    @property
    def sentence(self):
        return self.name.replace("_", " ")


CASES = [
    Case(half_close.a_late_reply_reaches_a_consumer_that_ended_first, scales=True),
    Case(half_close.a_consumer_goes_on_sending_after_the_service_ended, scales=True),
    Case(half_close.bytes_and_fin_sent_before_the_service_is_reached_arrive),
    Case(half_close.a_fin_without_a_byte_before_the_service_is_reached_arrives),
    Case(short_connections.the_last_block_and_the_fin_in_one_segment_arrive_every_time, scales=True),
    Case(resets.a_service_that_closes_on_unread_bytes_leaves_a_slow_consumer_all_it_sent, scales=True),
    Case(resets.a_consumer_that_resets_at_any_byte_leaves_a_prefix_and_a_reset, scales=True),
    Case(resets.a_service_that_resets_at_any_byte_leaves_a_prefix_and_a_reset, scales=True),
    Case(resets.a_reset_by_the_service_waits_for_a_consumer_that_reads_late),
    Case(resets.a_reset_by_the_consumer_waits_for_a_service_that_reads_late),
    Case(slow_readers.a_slow_reader_stops_the_writer_and_costs_little_memory, scales=True),
    Case(slow_readers.a_late_reader_gets_everything_from_a_service_that_is_gone, scales=True),
    Case(slow_readers.both_ends_write_32_mib_before_either_reads),
    Case(small_writes.writes_of_any_size_arrive_in_order_and_none_is_held_back),
    Case(segments.the_tail_of_a_stream_of_single_segments_reaches_a_slow_consumer, scales=True),
    Case(unix_upstream.a_unix_service_that_is_killed_leaves_the_consumer_all_it_sent_and_an_end),
    Case(bad_wires.sessions_over_bad_wires_are_exact_and_survive_an_outage, scales=True),
    Case(killed_socket.a_destroyed_socket_to_the_service_resets_the_consumer),
    Case(killed_relay.a_relay_that_is_killed_in_mid_transfer_resets_both_sides),
    Case(killed_relay.a_relay_that_aborts_in_mid_transfer_resets_both_sides),
    Case(scarce.consumers_beyond_the_descriptor_limit_are_served_in_turn),
    Case(scarce.sessions_beyond_the_ephemeral_ports_are_reset),
    Case(memory_limit.two_thousand_readers_that_do_not_read_fit_into_64_mib, is_promised=False),
    Case(balance.a_thousand_sessions_that_arrive_at_once_are_spread_over_two_workers),
    Case(balance.a_thousand_sessions_that_arrive_one_by_one_are_spread_over_two_workers),
]

PROMISED = [case for case in CASES if case.is_promised]

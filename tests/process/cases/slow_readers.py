# SPDX-License-Identifier: Apache-2.0
"""Readers that are slow, late, or do not read at all while they write."""

import time

from cases.deviation import SPINS, UNBOUNDED, Deviation
from cases.ends import send_with_fin, take, take_blocks, take_fin
from support.bytes import KIB, MIB, noise, noise_blocks
from support.peer import Background

SLOW_BYTES_PER_SECOND = 64 * KIB
# A relay's two largest buffers or pipes, and its allocator's slack.
SESSION_BYTES = 2 * MIB + 2 * MIB
# All kernel buffers on the way at their largest: two receive and two send buffers.
IN_FLIGHT_BYTES = 80 * MIB


def a_slow_reader_stops_the_writer_and_costs_little_memory(lab):
    size = lab.scaled(256, full=1024) * MIB
    seconds = lab.scaled(3, full=20)
    sent = [0]
    with lab.session(receive_buffer=32 * KIB) as (consumer, upstream):
        def push():
            for block in noise_blocks(size, seed=7):
                upstream.send(block)
                sent[0] += len(block)
            upstream.finish()

        upstream.socket.settimeout(seconds + 60)
        before = lab.resident_bytes()
        pushing = Background(push)
        first = next(noise_blocks(size, seed=7))
        head = seconds * SLOW_BYTES_PER_SECOND
        beginning, used = time.monotonic(), lab.cpu_seconds()
        blocks = noise_blocks(size, seed=7)
        start = b"".join(next(blocks) for _ in range(-(-head // len(first))))
        take(consumer, start[:head], SLOW_BYTES_PER_SECOND)
        share = (lab.cpu_seconds() - used) / (time.monotonic() - beginning)
        grown, ahead = lab.resident_bytes() - before, sent[0] - head
        take(consumer, start[head:])
        take_blocks(consumer, blocks)
        take_fin(consumer)
        pushing.result()
    if grown > SESSION_BYTES:
        raise Deviation(UNBOUNDED, f"{grown // KIB} KiB more memory for one slow reader")
    if ahead > IN_FLIGHT_BYTES:
        raise Deviation(UNBOUNDED, f"the writer is {ahead // MIB} MiB ahead of the reader")
    if share > 0.25:
        raise Deviation(SPINS, f"{share:.0%} of a processor for {SLOW_BYTES_PER_SECOND // KIB} KiB/s")


def a_late_reader_gets_everything_from_a_service_that_is_gone(lab):
    data = noise(50 * MIB, seed=8)
    with lab.session() as (consumer, upstream):
        def send_and_go():
            send_with_fin(upstream, data)
            upstream.close()

        upstream.socket.settimeout(lab.scaled(3, full=20) + 60)
        sending = Background(send_and_go)
        share = lab.cpu_share(lab.scaled(3, full=20))
        take(consumer, data)
        take_fin(consumer)
        sending.result()
    if share > 0.25:
        raise Deviation(SPINS, f"{share:.0%} of a processor while nobody reads")


def both_ends_write_32_mib_before_either_reads(lab):
    up, down = noise(32 * MIB, seed=10), noise(32 * MIB, seed=11)
    with lab.session() as (consumer, upstream):
        sending = [Background(consumer.send, up), Background(upstream.send, down)]
        lab.cpu_share(1.0)  # by now every buffer on the way is full
        reading = Background(take, upstream, up)
        take(consumer, down)
        for one in [*sending, reading]:
            one.result()
        consumer.finish()
        take_fin(upstream)
        upstream.finish()
        take_fin(consumer)

# SPDX-License-Identifier: Apache-2.0
"""A reset of one side: the other gets every byte that came before it, then a reset, and never a FIN."""

import random

from cases.deviation import FIN_FOR_RST, SPINS, TRUNCATED, Deviation
from cases.ends import exchange, send_what_fits, take, take_prefix, take_reset
from support.bytes import KIB, MIB, noise
from support.peer import Background


def a_service_that_closes_on_unread_bytes_leaves_a_slow_consumer_all_it_sent(lab):
    data = noise(8 * MIB, seed=4)
    with lab.session(receive_buffer=64 * KIB) as (consumer, upstream):
        consumer.send(b"never read by the service")
        reading = Background(take, consumer, data, lab.scaled(8, full=1) * MIB)
        upstream.send(data)
        lab.delivered(upstream)
        upstream.close()  # with unread bytes: the kernel sends an RST and no FIN
        reading.result()
        take_reset(consumer)
    lab.failed("upstream_reset")


def _answer(upstream, data, expected):
    """Sends and receives, then only receives: (how it ended, bytes received)."""
    seen = exchange(upstream, data, expected)
    if seen.ending:
        return seen.ending, seen.received
    ending, rest = take_prefix(upstream, expected[seen.received:])
    return ending, seen.received + rest


def _reset_at_any_byte(lab, reason, pick):
    size = lab.scaled(16, full=24) * MIB
    one, other = noise(size, seed=5), noise(size, seed=6)
    service = lab.service()
    relay = lab.relay_to(service)
    for seed in range(lab.scaled(15, full=250)):
        cut = random.Random(seed).randrange(size)
        consumer = relay.connect()
        breaker, left = pick(consumer, lab.accept(service))
        answering = Background(_answer, left, other, one[:cut])
        exchange(breaker, one[:cut], other)
        breaker.reset()
        ending, count = answering.result()
        left.close()
        if ending == "fin":
            raise Deviation(FIN_FOR_RST, f"seed {seed}: after {count} of {cut} bytes")
        lab.failed(reason)


def a_consumer_that_resets_at_any_byte_leaves_a_prefix_and_a_reset(lab):
    _reset_at_any_byte(lab, "client_reset", lambda consumer, upstream: (consumer, upstream))


def a_service_that_resets_at_any_byte_leaves_a_prefix_and_a_reset(lab):
    _reset_at_any_byte(lab, "upstream_reset", lambda consumer, upstream: (upstream, consumer))


def _held_reset(lab, reason, pick):
    data = noise(96 * MIB, seed=6)
    with lab.session(receive_buffer=32 * KIB) as ends:
        breaker, reader = pick(*ends)
        taken = send_what_fits(breaker, data)
        breaker.reset()
        share = lab.cpu_share(2.0)
        ending, count = take_prefix(reader, data)
    if ending == "fin":
        raise Deviation(FIN_FOR_RST, f"after {count} of {taken} bytes")
    if count < taken:
        raise Deviation(TRUNCATED, f"RST after {count} of {taken} bytes that the relay's kernel had acknowledged")
    if share > 0.05:
        raise Deviation(SPINS, f"{share:.0%} of a processor while it waits for the reader")
    lab.failed(reason)


def a_reset_by_the_service_waits_for_a_consumer_that_reads_late(lab):
    _held_reset(lab, "upstream_reset", lambda consumer, upstream: (upstream, consumer))


def a_reset_by_the_consumer_waits_for_a_service_that_reads_late(lab):
    _held_reset(lab, "client_reset", lambda consumer, upstream: (consumer, upstream))

# SPDX-License-Identifier: Apache-2.0
"""The relay's own end: killed, out of memory, aborted. Whoever waits for bytes must not take what came for all there is."""

import os
import signal
from contextlib import ExitStack

from cases.deviation import FIN_FOR_RST, Deviation
from cases.ends import take, take_prefix, take_reset
from support.bytes import KIB, MIB, noise
from support.peer import Background

BULK_BYTES = 32 * MIB
BEFORE_BYTES = 2 * MIB


def _send_until_it_breaks(peer, data):
    try:
        peer.send(data)
    except (ConnectionResetError, BrokenPipeError):
        pass


def _take_rest_by_reset(what, peer, rest):
    ending, count = take_prefix(peer, rest)
    if ending == "fin":
        raise Deviation(FIN_FOR_RST, f"{what}: after {BEFORE_BYTES + count} of {BULK_BYTES} bytes")


def _take_reset(what, peer):
    try:
        take_reset(peer)
    except Deviation as deviation:
        raise Deviation(deviation.word, f"{what}: {deviation.seen}") from None


def _dies(lab, number):
    """Bulk in each direction, a session at rest, and one whose consumer has ended and waits for its answer."""
    data = noise(BULK_BYTES, seed=21)
    with ExitStack() as until_judged:
        service = lab.service()
        relay = lab.relay_to(service)

        def session(**options):
            consumer = until_judged.enter_context(relay.connect(**options))
            return consumer, until_judged.enter_context(lab.accept(service))

        down_consumer, down_service = session(receive_buffer=64 * KIB)
        up_consumer, up_service = session()
        resting = session()
        half_closed_consumer, half_closed_service = session()

        sending = [Background(_send_until_it_breaks, peer, data) for peer in (down_service, up_consumer)]
        take(down_consumer, data[:BEFORE_BYTES])
        take(up_service, data[:BEFORE_BYTES])
        for one, other in (resting, resting[::-1]):
            one.send(b"at rest")
            take(other, b"at rest")
        half_closed_consumer.send(b"question")
        half_closed_consumer.finish()
        take(half_closed_service, b"question")

        for pid in relay.pids():
            os.kill(pid, number)
        lab.has_ended()
        _take_rest_by_reset("the consumer", down_consumer, data[BEFORE_BYTES:])
        _take_rest_by_reset("the service", up_service, data[BEFORE_BYTES:])
        _take_reset("the consumer of a session at rest", resting[0])
        _take_reset("the service of a session at rest", resting[1])
        _take_reset("a consumer that waits for its answer", half_closed_consumer)
        for thread in sending:
            thread.result()


def a_relay_that_is_killed_in_mid_transfer_resets_both_sides(lab):
    _dies(lab, signal.SIGKILL)


def a_relay_that_aborts_in_mid_transfer_resets_both_sides(lab):
    _dies(lab, signal.SIGABRT)

# SPDX-License-Identifier: Apache-2.0
"""Little memory, many readers that do not read, and services that send all they can."""

import selectors
import socket
import time

from cases.deviation import CORRUPT, DIES, HANGS, TRUNCATED, Deviation, NotApplicable
from support import memory_group
from support.bytes import KIB, MIB, noise

LIMIT_BYTES = 64 * MIB
READERS = 2000
SESSION_BYTES = 1 * MIB
STILL_S = 2.0
PATIENCE_S = 60


def two_thousand_readers_that_do_not_read_fit_into_64_mib(lab):
    if memory_group.why_none():
        raise NotApplicable(memory_group.why_none())
    group = lab.memory_group(LIMIT_BYTES)
    service = lab.service()
    relay = lab.relay_to(service, prefix=group.prefix)
    data = noise(SESSION_BYTES, seed=19)
    pairs = []
    try:
        for _ in range(READERS):
            pairs.append(_session(lab, relay, service))
        sent = _send_what_fits(relay, pairs, data)
        _check_alive(group, relay, f"{len(pairs)} sessions, {sum(sent) // MIB} MiB sent")
        for _, upstream in pairs:
            upstream.finish()
        _read_all(pairs, sent, data)
    except (ConnectionResetError, ConnectionRefusedError, BrokenPipeError, Deviation):
        _check_alive(group, relay, f"{len(pairs)} sessions")
        raise
    finally:
        for pair in pairs:
            for peer in pair:
                peer.close()


def _session(lab, relay, service):
    consumer = relay.connect(receive_buffer=4 * KIB)
    upstream = lab.accept(service)
    upstream.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 16 * KIB)
    upstream.socket.setblocking(False)
    return consumer, upstream


def _send_what_fits(relay, pairs, data):
    """How much each service has sent once none of them can send any more."""
    sent, moved = [0] * len(pairs), time.monotonic()
    while relay.alive() and time.monotonic() - moved < STILL_S:
        for number, (_, upstream) in enumerate(pairs):
            try:
                while sent[number] < len(data):
                    sent[number] += upstream.socket.send(data[sent[number]:sent[number] + 64 * KIB])
                    moved = time.monotonic()
            except BlockingIOError:
                pass
        time.sleep(0.01)
    for _, upstream in pairs:
        upstream.socket.settimeout(30)
    return sent


def _read_all(pairs, sent, data):
    """All consumers at once: one alone could wait for memory that the others' bytes hold."""
    done = dict.fromkeys((consumer.socket for consumer, _ in pairs), 0)
    due = {consumer.socket: count for (consumer, _), count in zip(pairs, sent)}
    with selectors.DefaultSelector() as waiting:
        for consumer in done:
            waiting.register(consumer, selectors.EVENT_READ)
        while waiting.get_map():
            ready = waiting.select(PATIENCE_S)
            if not ready:
                raise Deviation(HANGS, f"{len(waiting.get_map())} of {len(pairs)} wait for bytes or an end")
            for consumer in (key.fileobj for key, _ in ready):
                part = consumer.recv(64 * KIB)
                start = done[consumer]
                if part != data[start:start + len(part)]:
                    raise Deviation(CORRUPT, f"other bytes after {start} bytes")
                done[consumer] += len(part)
                if not part:
                    waiting.unregister(consumer)
    short = sum(1 for consumer, count in due.items() if done[consumer] != count)
    if short:
        raise Deviation(TRUNCATED, f"{short} of {len(pairs)} sessions")


def _check_alive(group, relay, when):
    if group.killed():
        raise Deviation(DIES, f"killed for want of memory with {when}")
    if not relay.alive():
        raise Deviation(DIES, f"with {when}")

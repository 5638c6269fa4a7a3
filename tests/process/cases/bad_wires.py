# SPDX-License-Identifier: Apache-2.0
"""Both legs cross wires that delay, lose, double, reorder and damage packets, and that fail altogether for a while."""

import os

from cases.deviation import TRUNCATED, Deviation
from cases.ends import exchange, take, take_fin
from support.bytes import MIB, noise
from support.peer import Background

FAULTS = {"loss": 3, "reorder": 2, "duplicate": 1}  # per cent
PATIENCE_S = 240
REPEAT_WITHIN_MS = "/proc/sys/net/ipv4/tcp_rto_max_ms"


def sessions_over_bad_wires_are_exact_and_survive_an_outage(lab):
    sessions, size, outage, delay, jitter, damage = lab.scaled((8, MIB // 4, 1, 10, 4, 1), (50, MIB, 20, 50, 20, 0.1))
    consumer_host, near, far = (lab.host(name) for name in ("consumer", "near", "far"))
    for host in (consumer_host, near, far):
        _repeat_soon(host)
    faults = {**FAULTS, "delay": delay, "jitter": jitter, "damage": damage, "outage": outage,
              "outage_after": sessions * size // 4096}
    wires = [lab.bad_wire(consumer_host, near, seed=29, **faults), lab.bad_wire(near, far, seed=30, **faults)]
    service = lab.service(on=far)
    relay = lab.relay_to(service, on=near)
    up, down = noise(size, seed=31), noise(size, seed=32)
    pairs = []
    for _ in range(sessions):
        consumer = relay.connect(on=consumer_host)
        pairs.append((consumer, lab.accept(service)))
    def converse(consumer, upstream):
        serving = Background(_talk, upstream, down, up)
        _talk(consumer, up, down)
        serving.result(PATIENCE_S)

    for conversation in [Background(converse, *pair) for pair in pairs]:
        conversation.result(2 * PATIENCE_S)
    for wire in wires:
        did = wire.cut()
        assert did["outages"] == 1, did
        assert all(did[way][fault] for way in ("to_first", "to_second") for fault in ("lost", "doubled")), did
        assert did["to_first"]["damaged"] + did["to_second"]["damaged"], did


def _repeat_soon(host):
    """After an outage TCP would wait for as long again; kernels before 6.15 know no other way. Nor must it give up for
    having asked so often, least of all where the program has handed it the last bytes and closed."""
    if os.path.exists(REPEAT_WITHIN_MS):
        host.run("sysctl", "-qw", "net.ipv4.tcp_rto_max_ms=1000", "net.ipv4.tcp_retries2=100",
                 "net.ipv4.tcp_orphan_retries=100")


def _talk(peer, data, expected):
    """Sends all and reads all at once, in one thread: see exchange()."""
    with peer:
        seen = exchange(peer, data, expected, PATIENCE_S)
        missing = len(expected) - seen.received
        if seen.ending == "reset" or (seen.ending and missing):
            raise Deviation(TRUNCATED, f"{seen.ending.upper()} with {missing} of {len(expected)} bytes missing")
        peer.socket.settimeout(PATIENCE_S)
        peer.send(data[seen.sent:])
        peer.finish()
        take(peer, expected[seen.received:])
        if not seen.ending:
            take_fin(peer)

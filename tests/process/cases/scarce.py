# SPDX-License-Identifier: Apache-2.0
"""Too few descriptors, or too few ports of one's own: some wait or are turned away, and nobody is told a lie."""

import itertools
import select

from cases.deviation import FIN_FOR_RST, HANGS, REFUSES, Deviation
from support.peer import Peer, echo

HELD = 200
PORTS = 20
CONSUMERS = 40
FIRST_SOURCE_PORT = 5000  # below those that free_port() gives to relays


def consumers_beyond_the_descriptor_limit_are_served_in_turn(lab):
    service = lab.service()
    service.serve(echo)
    relay = lab.relay_to(service, prefix=["prlimit", "--nofile=64:64"])
    waiting = {}
    for _ in range(HELD):
        peer = relay.connect()
        peer.send(b"x")
        waiting[peer.socket] = peer
    lab.is_quiet(f"while {HELD} connections are held")
    lost = 0
    while waiting:
        ready = select.select(list(waiting), [], [], 30)[0]
        if not ready:
            raise Deviation(HANGS, f"{len(waiting)} of {HELD} are never served")
        for one in ready:
            peer = waiting.pop(one)
            try:
                lost += peer.socket.recv(1) != b"x"
            except ConnectionResetError:
                lost += 1
            peer.close()
    if lost:
        raise Deviation(REFUSES, f"{lost} of {HELD} get no answer but an end")


def sessions_beyond_the_ephemeral_ports_are_reset(lab):
    near, far = lab.host("near"), lab.host("far")
    lab.lan(near, far)
    near.run("sysctl", "-qw", f"net.ipv4.ip_local_port_range=40000 {40000 + PORTS - 1}")
    service = lab.service(on=far)
    relay = lab.relay_to(service, on=near)
    service.serve(_greet)

    def ask_all():
        """Each from a port of its own, below the range: they must not take what the relay needs."""
        return [_answer_to(relay, FIRST_SOURCE_PORT + number) for number in range(CONSUMERS)]

    # Only those that are held count: the sockets stay open until all have asked.
    answers = near.call(ask_all)
    for _, peer in answers:
        if peer:
            peer.close()
    counts = {answer: sum(1 for one, _ in answers if one == answer) for answer in ("greeting", "reset", "fin", "silence")}
    if counts["silence"]:
        raise Deviation(HANGS, f"{counts['silence']} of {CONSUMERS} get no answer")
    if counts["fin"]:
        raise Deviation(FIN_FOR_RST, f"for {counts['fin']} of {CONSUMERS}")
    if counts["greeting"] != PORTS:
        raise Deviation(REFUSES, f"{counts['echo']} are served where {PORTS} could be")
    lab.failed(*itertools.repeat("limit", counts["reset"]))


def _greet(peer):
    """The consumers say nothing: a byte that a relay left unread would make an RST of its close by accident."""
    peer.send(b"x")
    peer.socket.recv(1)


def _answer_to(relay, source_port):
    try:
        peer = Peer.connect(relay.port, source_port=source_port)
    except ConnectionResetError:
        return "reset", None  # so soon that connect() itself reported it
    peer.socket.settimeout(5)
    try:
        return ("greeting" if peer.socket.recv(1) else "fin"), peer
    except ConnectionResetError:
        return "reset", peer
    except TimeoutError:
        return "silence", peer

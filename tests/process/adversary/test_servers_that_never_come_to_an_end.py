# SPDX-License-Identifier: Apache-2.0
"""Health checks of servers that talk for ever, in pieces of one byte, or in structures without an end."""

import contextlib
import itertools
import socket

import pytest

from support.peer import Service
from support.poll import eventually
from support.ports import free_port

OFTEN = "health_interval=20ms&health_timeout=1s&health_rise=1&health_fall=1"
MOST_BYTES = 64 * 1024
KERNEL_BYTES = 8 << 20  # what may be on its way in the kernel's buffers when a check has had enough

ENDLESS = {
    "banner": ("send-expect&health_expect=never", b"welcome to this very long banner ", 1),
    "http_fields": ("http", b"HTTP/1.1 103 Early Hints\r\nX: ", 1),
    "http_interim": ("http", b"HTTP/1.1 100 Continue\r\n\r\n", 0),
    "redis_arrays": ("redis", b"*1\r\n", 0),
    "redis_values": ("redis", b"*65536\r\n", 1),
    "postgres_notices": ("postgres", b"N\0\0\0\x0cMhello\0\0", 0),
    "mysql_greeting": ("mysql", b"\x4a\0\0\0\x0a", 1),
}


class Talker(Service):
    """Says `beginning` and then, over and over, `more`, to everyone until they leave. Counts what it could say."""

    def __init__(self, beginning, more, piece=None):
        super().__init__()
        self.beginning, self.more, self.piece = beginning, more, piece
        self.connections = 0
        self.most_said = 0
        self.serve(self._play)

    def _play(self, peer):
        self.connections += 1
        peer.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        said = 0
        with contextlib.suppress(OSError):
            peer.send(self.beginning)
            for _ in itertools.count():
                said += peer.socket.send(self.more)
        self.most_said = max(self.most_said, said)


def watch(steered_to, service, health):
    near = steered_to(f"{service.url}?health={health}&{OFTEN}")
    near.settles = False  # it is talked to for as long as it runs
    return near


@pytest.mark.parametrize("name", ENDLESS)
def test_no_more_is_taken_than_the_bound_and_the_control_side_answers(steered_to, name):
    health, text, keeps_on = ENDLESS[name]
    more = b"x" * 1000 if keeps_on else text * 100
    if name == "redis_values":
        more = b":1\r\n" * 100
    with Talker(text, more) as talker:
        near = watch(steered_to, talker, health)
        near.wait_event("endpoint_down")
        answers = 0
        while talker.connections < 10:
            assert near.control.link()["name"] == "svc"
            answers += 1
        assert answers > 0
        assert talker.most_said < MOST_BYTES + KERNEL_BYTES


def test_an_answer_in_pieces_of_one_byte_is_understood(relay_to):
    answers = {"http": b"HTTP/1.1 200 OK\r\n\r\n", "redis": b"+PONG\r\n"}
    for health, answer in answers.items():
        def play(peer, answer=answer):
            peer.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            peer.socket.recv(4096)
            for byte in answer:
                peer.send(bytes([byte]))
            peer.expect_fin()
        with Service() as service:
            service.serve(play)
            relay_to(f"{service.url}?health={health}&{OFTEN}").wait_event("endpoint_up")


def test_bytes_one_by_one_for_ever_leave_time_for_others(start_ambassador, service, tmp_path):
    """Eight of them, and a ninth server that answers as it should: it is up, and stays so."""
    service.serve(lambda peer: peer.socket.recv(4096) and peer.send(b"+PONG\r\n"))
    with contextlib.ExitStack() as stack:
        talkers = [stack.enter_context(Talker(b"", b"x")) for _ in range(8)]
        links = {f"SLOW{number}_PORT_{free_port()}_TCP": f"{talker.url}?health=send-expect&health_expect=y&{OFTEN}"
                 for number, talker in enumerate(talkers)}
        links[f"GOOD_PORT_{free_port()}_TCP"] = f"{service.url}?health=redis&health_interval=50ms&health_timeout=10s"
        near = start_ambassador(env={**links, "AMBASSADOR_CONTROL": str(tmp_path / "control.sock")})
        near.settles = False
        near.wait_event("endpoint_up", link="good")
        eventually(lambda: all(talker.connections >= 3 for talker in talkers), "three checks of each", within=60)
        assert near.events("endpoint_down", link="good") == []

# SPDX-License-Identifier: Apache-2.0
"""Rewires by the hundred between two redis servers, under new connections and long transfers: nobody is refused or
reset, every transfer is exact, and every answer comes from a server that was the target while its consumer connected."""

import hashlib
import threading
import time

import pytest

from support.peer import Background, Peer, Service
from support.poll import eventually
from support.servers import Redis

TRANSFERS = 100
CHUNK = 16 * 1024
REQUESTS_PER_SECOND = 200


class Targets:
    """Which server was the target when: a rewire holds from some moment between its call and its answer."""

    def __init__(self, first):
        self._changes = [(0.0, 0.0, first)]

    def add(self, called, answered, port):
        self._changes.append((called, answered, port))

    def between(self, begin, end):
        """Every server that may have been the target at some moment of this span."""
        ports = set()
        for index, (called, _, port) in enumerate(self._changes):
            replaced = self._changes[index + 1][1] if index + 1 < len(self._changes) else float("inf")
            if called <= end and replaced >= begin:
                ports.add(port)
        return ports


def trickle(chunks, pause):
    """A long transfer: what it sends comes back, a piece at a time; the digest of both is compared."""
    def transfer(port):
        sent, got = hashlib.sha256(), hashlib.sha256()
        with Peer.connect(port) as peer:
            for number in range(chunks):
                data = number.to_bytes(4, "big") * (CHUNK // 4)
                peer.send(data)
                sent.update(data)
                got.update(peer.receive(CHUNK))
                time.sleep(pause)
            peer.finish()
            peer.expect_fin()
        assert sent.digest() == got.digest()
    return transfer


def echo_to_end(peer):
    while data := peer.socket.recv(1 << 16):
        peer.send(data)


def ask_port(port):
    with Peer.connect(port) as peer:
        peer.send(b"CONFIG GET port\r\n")
        peer.expect(b"*2\r\n$4\r\nport\r\n$")
        size = int(peer.receive(1))
        peer.expect(b"\r\n")
        port = int(peer.receive(size))
        peer.expect(b"\r\n")  # unread bytes would make our close a reset
        return port


def ask_all_the_time(port, stop, asked):
    began = time.monotonic()
    while not stop.is_set():
        begin = time.monotonic()
        asked.append((begin, ask_port(port), time.monotonic()))
        time.sleep(max(0.0, began + len(asked) / (REQUESTS_PER_SECOND / 4) - time.monotonic()))


@pytest.mark.parametrize("rewires", [100, pytest.param(1000, marks=pytest.mark.minutes)])
def test_nobody_notices(steered_to, start_ambassador, server, rewires):
    one, two = server(Redis()), server(Redis())
    seconds = rewires * 60 / 1000
    with Service(backlog=TRANSFERS) as echoing:
        echoing.serve(echo_to_end)
        near = steered_to(echoing.url)
        # Begun on the first target; they live through every rewire that follows.
        transfers = [Background(trickle(40, seconds / 40), near.port) for _ in range(TRANSFERS)]
        eventually(lambda: near.control.link()["sessions"] == TRANSFERS, "every transfer is under way")
        near.control.rewire(one.url)

        targets, stop, asked = Targets(one.port), threading.Event(), [[] for _ in range(4)]
        askers = [Background(ask_all_the_time, near.port, stop, mine) for mine in asked]
        began = time.monotonic()
        for number in range(rewires):
            redis = two if number % 2 == 0 else one
            called = time.monotonic()
            near.control.rewire(redis.url)
            targets.add(called, time.monotonic(), redis.port)
            time.sleep(max(0.0, began + (number + 1) * 60 / 1000 - time.monotonic()))
        stop.set()
        for asker in askers:
            asker.result()
        for transfer in transfers:
            transfer.result()

    answers = [answer for mine in asked for answer in mine]
    assert len(answers) > seconds * REQUESTS_PER_SECOND * 0.5
    assert {port for _, port, _ in answers} == {one.port, two.port}
    wrong = [answer for answer in answers if answer[1] not in targets.between(answer[0], answer[2])]
    assert wrong == []
    assert near.failures() == []

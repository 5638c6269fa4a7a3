# SPDX-License-Identifier: Apache-2.0
"""A real redis behind two ambassadors: pipelines, subscriptions that stay up, and the largest value it takes."""

import pytest

from support.bytes import MIB, noise_blocks, sha256
from support.peer import Peer
from support.servers import Redis


@pytest.fixture
def near(chain_to, server):
    return chain_to(server(Redis()).url)


def command(*words):
    """One request in redis's own protocol."""
    parts = [word if isinstance(word, bytes) else str(word).encode() for word in words]
    return b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)


def available_bytes():
    with open("/proc/meminfo") as file:
        kib = next(line.split()[1] for line in file if line.startswith("MemAvailable"))
    return int(kib) * 1024


def test_ten_thousand_pipelined_commands_are_answered_in_order(near):
    with Peer.connect(near.port) as peer:
        requests = b"".join(command("ECHO", number) for number in range(10_000))
        sending = peer.send_in_background(requests)
        for number in range(10_000):
            text = str(number).encode()
            peer.expect(b"$%d\r\n%s\r\n" % (len(text), text))
        sending.result()


def test_a_silent_subscription_stays_up_and_hears_what_is_published(near):
    with Peer.connect(near.port) as subscriber, Peer.connect(near.port) as publisher:
        subscriber.send(command("SUBSCRIBE", "harbour"))
        subscriber.expect(b"*3\r\n$9\r\nsubscribe\r\n$7\r\nharbour\r\n:1\r\n")
        for word in (b"first", b"second", b"third"):
            subscriber.expect_nothing(within=0.5)
            publisher.send(command("PUBLISH", "harbour", word))
            publisher.expect(b":1\r\n")
            subscriber.expect(b"*3\r\n$7\r\nmessage\r\n$7\r\nharbour\r\n$%d\r\n%s\r\n" % (len(word), word))


@pytest.mark.slow
def test_a_huge_value_comes_back_unchanged(near):
    size = (512 if available_bytes() > 6 * 1024 * MIB else 128) * MIB
    value = b"".join(noise_blocks(size, seed=4))
    with Peer.connect(near.port) as peer:
        peer.send(b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$%d\r\n" % size)
        peer.send(value)
        peer.send(b"\r\n")
        peer.expect(b"+OK\r\n")
        peer.send(command("GET", "k"))
        peer.expect(b"$%d\r\n" % size)
        got = peer.receive(size)
        peer.expect(b"\r\n")
    assert sha256(got) == sha256(value)

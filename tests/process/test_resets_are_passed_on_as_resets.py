# SPDX-License-Identifier: Apache-2.0
"""A reset of one side reaches the other as a reset, never as a FIN, and after every byte that came before it."""

import random
import time

import pytest

from support import processes
from support.bytes import KIB, MIB, noise, sha256
from support.peer import Background, Peer

SEEDS = 40


def test_a_service_that_resets_after_8_mib_leaves_the_consumer_all_of_them_and_then_a_reset(relay_to, service):
    data = noise(8 * MIB, seed=4)
    near = relay_to(service.url)
    with Peer.connect(near.port) as consumer:
        consumer.send(b"never read by the service")
        upstream = service.accept()
        reading = Background(consumer.receive_to_end)
        upstream.send(data)
        upstream.wait_until_acknowledged()
        upstream.close()  # with unread bytes: the kernel sends an RST and no FIN
        received = reading.result()
    assert (received.ending, len(received.data)) == ("reset", len(data))
    assert sha256(received.data) == sha256(data)
    near.wait_failures("upstream_reset")


def send_what_fits(peer, data):
    """Sends until nobody takes any more; returns how much the other end's kernel has."""
    peer.socket.setblocking(False)
    sent, waiting_since, unacknowledged = 0, time.monotonic(), None
    while time.monotonic() - waiting_since < 1:
        try:
            sent += peer.socket.send(data[sent:sent + 64 * KIB])
            waiting_since = time.monotonic()
        except BlockingIOError:
            time.sleep(0.01)
        if peer.unacknowledged() != unacknowledged:
            waiting_since, unacknowledged = time.monotonic(), peer.unacknowledged()
    assert 0 < sent < len(data)
    return sent - peer.unacknowledged()


@pytest.mark.parametrize("mirrored", [False, True], ids=["service_resets", "consumer_resets"])
def test_the_reset_is_held_until_a_late_reader_has_every_byte_the_ambassador_took(relay_to, service, mirrored):
    data = noise(64 * MIB, seed=6)
    near = relay_to(f"{service.url}?abort_flush=20s")
    consumer = Peer.connect(near.port, receive_buffer=None if mirrored else 32 * KIB)
    breaker, reader = (consumer, service.accept()) if mirrored else (service.accept(), consumer)
    taken = send_what_fits(breaker, data)
    breaker.reset()
    assert processes.cpu_share(near.pid, window_s=1.0) < 0.05, "holds the reset without spinning"
    received = reader.receive_to_end()
    reader.close()
    assert (received.ending, len(received.data)) == ("reset", taken)
    assert received.data == data[:taken]
    near.wait_failures("client_reset" if mirrored else "upstream_reset")


@pytest.mark.parametrize("mirrored", [False, True], ids=["consumer_resets", "service_resets"])
def test_a_reset_at_any_byte_leaves_a_prefix_and_a_reset(relay_to, service, mirrored):
    near = relay_to(service.url)
    data = noise(4 * MIB, seed=5)
    for seed in range(SEEDS):
        consumer = Peer.connect(near.port)
        breaker, other = (service.accept(), consumer) if mirrored else (consumer, service.accept())
        reading = Background(other.receive_to_end)
        sent = random.Random(seed).randrange(len(data))
        breaker.send(data[:sent])
        breaker.reset()
        received = reading.result()
        other.close()
        assert received.ending == "reset", f"seed {seed}: FIN after {len(received.data)} of {sent} bytes"
        assert received.data == data[:len(received.data)] and len(received.data) <= sent, f"seed {seed}: no prefix"
    near.wait_failures(*["upstream_reset" if mirrored else "client_reset"] * SEEDS)

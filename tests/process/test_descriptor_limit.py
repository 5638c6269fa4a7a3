# SPDX-License-Identifier: Apache-2.0
"""With few descriptors the program takes fewer sessions, says so, rests, and goes on when some end."""

import itertools
import resource
from contextlib import contextmanager

import pytest

from support import processes
from support.bytes import KIB, MIB, noise
from support.peer import Peer, echo
from support.poll import eventually

HELD = 200


def answered(peers):
    """Those of the peers whose byte has come back."""
    done = []
    for peer in peers:
        peer.socket.setblocking(False)
        try:
            if peer.socket.recv(1) == b"x":
                done.append(peer)
        except OSError:
            pass
        peer.socket.settimeout(30)
    return done


@pytest.fixture
def limited(relay_to, service):
    service.serve(echo)
    return relay_to(service.url, prefix=["prlimit", "--nofile=64:64"])


def test_200_held_connections_under_a_limit_of_64_descriptors_are_served_in_turn(limited):
    peers = [Peer.connect(limited.port) for _ in range(HELD)]
    for peer in peers:
        peer.send(b"x")
    waiting, served = list(peers), 0
    while waiting:
        done = eventually(lambda: answered(waiting), lambda: f"one more of {len(waiting)} waiting is served")
        assert limited.alive()
        if not served:
            assert len(done) < HELD / 2, "the limit is felt"
            assert processes.cpu_share(limited.pid, window_s=1.0) < 0.05, "waits without spinning"
        served += len(done)
        for peer in done:
            waiting.remove(peer)
            peer.close()
    assert served == HELD
    assert limited.failures() == []


def test_the_pause_is_logged_once_and_not_once_per_waiting_connection(limited):
    peers = [Peer.connect(limited.port) for _ in range(HELD)]
    limited.wait_event("accept_paused")
    processes.cpu_share(limited.pid, window_s=1.0)
    assert len(limited.events("accept_paused")) <= 4, limited.log()
    for peer in peers:
        peer.close()


@contextmanager
def descriptors_left(near, count):
    """Lowers the running program's limit until it can open `count` more descriptors, then raises it again."""
    used = processes.descriptors(near.pid)
    free = (number for number in itertools.count() if number not in used)
    limit = next(itertools.islice(free, count, None))
    before = resource.prlimit(near.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(near.pid, resource.RLIMIT_NOFILE, (limit, before[1]))
    try:
        yield
    finally:
        resource.prlimit(near.pid, resource.RLIMIT_NOFILE, before)


def test_when_accept_itself_fails_consumers_wait_and_are_served_once_it_can(relay_to, service):
    service.serve(echo)
    near = relay_to(service.url)
    with descriptors_left(near, 0):
        peers = [Peer.connect(near.port) for _ in range(50)]
        near.wait_event("accept_paused", errno="EMFILE")
        assert processes.cpu_share(near.pid, window_s=1.0) < 0.05, "waits without spinning"
    for peer in peers:
        peer.send(b"x")
        peer.expect(b"x")
        peer.close()
    assert near.failures() == []


def test_when_there_is_no_descriptor_for_the_upstream_the_consumer_is_reset_and_nothing_leaks(relay_to, service):
    service.serve(echo)
    near = relay_to(service.url)
    with descriptors_left(near, 1):
        peers = [connect_or_be_reset(near.port) for _ in range(50)]
        near.wait_event("session_failed", reason="limit")
        assert processes.cpu_share(near.pid, window_s=1.0) < 0.05, "waits without spinning"
    served = sum(is_served(peer) for peer in peers if peer)
    near.wait_failures(*["limit"] * (len(peers) - served))
    for peer in filter(None, peers):
        peer.close()


def test_when_there_is_no_descriptor_for_a_pipe_bulk_is_copied(relay_to, service):
    near = relay_to(service.url)
    data, before = noise(32 * MIB, seed=15), processes.pipe_ends(near.pid)
    with descriptors_left(near, 3), Peer.connect(near.port, receive_buffer=32 * KIB) as consumer:
        with service.accept() as upstream:
            sending = upstream.send_in_background(data)
            consumer.expect(data[:16 * MIB])
            assert processes.pipe_ends(near.pid) == before
            consumer.expect(data[16 * MIB:])
            sending.result()
    assert near.failures() == []


def connect_or_be_reset(port):
    """Nothing when the reset came so soon that connect() itself reported it."""
    try:
        return Peer.connect(port)
    except ConnectionResetError:
        return None


def is_served(peer):
    """Either that, or reset: never a FIN, never a hang."""
    try:
        peer.send(b"x")
        peer.expect(b"x")
        return True
    except (ConnectionResetError, BrokenPipeError):
        return False

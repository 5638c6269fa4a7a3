# SPDX-License-Identifier: Apache-2.0
"""With few descriptors the program takes fewer sessions, says so, rests, and goes on when some end."""

import pytest

from support import processes
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

# SPDX-License-Identifier: Apache-2.0
"""A UNIX service whose accept queue is full: connect says EAGAIN, and consumers were reset where TCP would wait."""

import contextlib

import pytest

from support.peer import Peer, Service


@pytest.fixture
def busy(tmp_path):
    """Its queue has room for one."""
    with Service(path=tmp_path / "busy.sock", backlog=0) as service:
        yield service, f"unix://{tmp_path / 'busy.sock'}"


@pytest.mark.parametrize("health", ["", "&health=tcp&health_interval=50ms"])
def test_all_consumers_are_served_one_after_the_other(relay_to, busy, health):
    busy, url = busy
    near = relay_to(f"{url}?connect_total=1m{health}")
    with contextlib.ExitStack() as stack:
        consumers = [stack.enter_context(Peer.connect(near.port)) for _ in range(40)]
        served = 0
        while served < len(consumers):
            with busy.accept() as one:
                try:
                    one.send(b"your turn")
                except (ConnectionResetError, BrokenPipeError):
                    continue  # a check's
                served += 0 if is_a_check(one) else 1
        for consumer in consumers:
            consumer.expect(b"your turn")
            consumer.expect_fin()
    assert near.failures() == []
    assert not near.events("endpoint_down")


def is_a_check(peer):
    """Checks end at once; consumers wait for the service's end."""
    peer.socket.settimeout(0.02)
    try:
        return peer.socket.recv(1) == b""
    except TimeoutError:
        return False
    except ConnectionResetError:
        return True

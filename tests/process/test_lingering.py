# SPDX-License-Identifier: Apache-2.0
"""Between TERM and the drain: nobody is told that we are ready, and whoever comes all the same is let in."""

import signal

import pytest

from support.peer import Peer, accepts, echo
from support.poll import eventually


def readiness(near):
    status, answer = near.control.call("GET", "/v1/ready")
    return status, answer["state"]


def test_it_is_not_ready_but_lets_consumers_in(steered_to, service):
    service.serve(echo)
    near = steered_to(service.url, env={"AMBASSADOR_LINGER": "60s"})
    assert readiness(near) == (200, "ready")
    near.signal(signal.SIGTERM)
    near.wait_event("stopping")
    assert readiness(near) == (503, "stopping")
    with Peer.connect(near.port) as late:
        late.send(b"too late?")
        late.expect(b"too late?")
    eventually(lambda: near.control.get("/v1/status")["sessions"] == 0, "the session has ended")
    near.signal(signal.SIGTERM)  # at once
    assert near.wait_exit() == 0


def test_the_drain_follows(steered_to, service):
    near = steered_to(service.url, env={"AMBASSADOR_LINGER": "300ms"})
    near.signal(signal.SIGTERM)
    assert near.wait_exit() == 0


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGUSR1])
def test_no_signal_makes_a_stopping_one_ready_again(steered_to, service, number):
    near = steered_to(service.url, env={"AMBASSADOR_DRAIN": "60s"})
    with Peer.connect(near.port) as consumer, service.accept() as provider:
        near.signal(signal.SIGTERM)
        near.wait_event("stopping")
        near.signal(number)
        near.wait_event("signal_ignored", why="stopping")
        assert readiness(near) == (503, "stopping")
        eventually(lambda: not accepts(near.port), "the port is closed")
        status, answer = near.control.call("PATCH", "/v1/links/svc", {"upstream": service.url})
        assert (status, answer["error"]) == (409, "the program is stopping")
        consumer.send(b"exact")
        provider.expect(b"exact")
    assert near.wait_exit() == 0

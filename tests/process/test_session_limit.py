# SPDX-License-Identifier: Apache-2.0
"""AMBASSADOR_MAX_SESSIONS: whoever comes after waits in the backlog and is served when one ends."""

import pytest

from support.peer import Peer, echo


@pytest.mark.parametrize("workers", ["1", "2"])
def test_the_next_consumer_waits_and_is_served_when_one_closes(relay_to, service, workers):
    near = relay_to(service.url, env={"AMBASSADOR_MAX_SESSIONS": "10", "AMBASSADOR_WORKERS": workers})
    service.serve(echo)
    peers = [Peer.connect(near.port) for _ in range(10)]
    for peer in peers:
        peer.send(b"a")
        peer.expect(b"a")
    with Peer.connect(near.port) as late:
        late.send(b"late")
        late.expect_nothing(within=0.5)
        peers.pop().close()
        late.expect(b"late")
    for peer in peers:
        peer.send(b"b")
        peer.expect(b"b")
        peer.close()
    assert near.failures() == []


def test_reaching_the_limit_is_logged(relay_to, service):
    service.serve(echo)
    near = relay_to(service.url, env={"AMBASSADOR_MAX_SESSIONS": "3"})
    peers = [Peer.connect(near.port) for _ in range(6)]
    paused = near.wait_event("accept_paused")
    assert "session" in str(paused), paused
    for peer in peers:
        peer.close()


def test_ready_says_how_many_sessions_there_may_be(relay_to, service):
    near = relay_to(service.url, env={"AMBASSADOR_MAX_SESSIONS": "17"})
    assert near.wait_event("ready")["max_sessions"] == 17

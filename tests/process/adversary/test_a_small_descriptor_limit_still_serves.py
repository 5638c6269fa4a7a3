# SPDX-License-Identifier: Apache-2.0
"""The program starts wherever one session fits: everything else takes a part of a small limit, not a fixed sum."""

import pytest

from support import processes
from support.peer import Peer, echo


@pytest.mark.parametrize("limit", [40, 64, 128, 160, 1024])
def test_a_session_passes_and_the_control_api_answers_under_a_limit_of(steered_to, service, limit):
    service.serve(echo)
    near = steered_to(service.url, prefix=["prlimit", f"--nofile={limit}:{limit}"])
    with Peer.connect(near.port) as peer:
        peer.send(b"x")
        peer.expect(b"x")
        assert near.control.link()["sessions"] == 1
    most = near.wait_event("ready")["max_sessions"]
    assert 2 * most <= limit


@pytest.mark.parametrize("limit", [64, 160])
def test_all_the_sessions_that_there_may_be_and_the_control_api_beside_them(steered_to, service, limit):
    service.serve(echo)
    near = steered_to(service.url, prefix=["prlimit", f"--nofile={limit}:{limit}"])
    most = near.wait_event("ready")["max_sessions"]
    assert most >= limit / 16
    peers = [Peer.connect(near.port) for _ in range(most)]
    for peer in peers:
        peer.send(b"x")
        peer.expect(b"x")
    assert near.control.link()["sessions"] == most
    assert len(processes.descriptors(near.pid)) <= limit
    for peer in peers:
        peer.close()
    assert near.failures() == []


def test_more_workers_than_a_small_limit_feeds_are_not_started_unless_they_were_asked_for(steered_to, service):
    service.serve(echo)
    near = steered_to(service.url, prefix=["prlimit", "--nofile=32:32"])
    assert near.wait_event("ready")["workers"] <= 2

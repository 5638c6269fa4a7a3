# SPDX-License-Identifier: Apache-2.0
"""One idle peer, or one link, could take every session of the program."""

import contextlib

from support.peer import Peer, echo
from support.poll import eventually
from support.ports import free_port


def idle_peers(port, count, stack):
    for _ in range(count):
        stack.enter_context(Peer.connect(port))


def test_a_tenth_of_the_places_stays_for_the_other_links(start_ambassador, service, tmp_path):
    crowded, other = free_port(), free_port()
    near = start_ambassador(env={"AMBASSADOR_MAX_SESSIONS": "100", f"A_PORT_{crowded}_TCP": service.url,
                                 f"B_PORT_{other}_TCP": service.serve(echo).url})
    with contextlib.ExitStack() as idle:
        idle_peers(crowded, 120, idle)
        paused = near.wait_event("accept_paused")
        assert (paused["link"], paused["reason"], paused["sessions"]) == ("a", "link limit", 90)
        for _ in range(20):
            with Peer.connect(other) as peer:
                peer.send(b"a place for us")
                peer.expect(b"a place for us")
    eventually(lambda: not near.failures(), "no session fails")


def test_max_sessions_is_the_links_own_limit_and_the_next_consumer_waits(steered_to, service):
    service.serve(echo)
    near = steered_to(f"{service.url}?max_sessions=3", env={"AMBASSADOR_WORKERS": "2"})
    assert near.control.link()["most_sessions"] == 3
    peers = [Peer.connect(near.port) for _ in range(3)]
    for peer in peers:
        peer.send(b"in")
        peer.expect(b"in")
    with Peer.connect(near.port) as late:
        late.send(b"late")
        late.expect_nothing(within=0.3)
        peers.pop().close()
        late.expect(b"late")
    for peer in peers:
        peer.close()
    assert near.failures() == []


def test_a_link_that_is_alone_may_have_them_all(relay_to, service):
    service.serve(echo)
    near = relay_to(service.url, env={"AMBASSADOR_MAX_SESSIONS": "20"})
    with contextlib.ExitStack() as stack:
        for _ in range(20):
            peer = stack.enter_context(Peer.connect(near.port))
            peer.send(b"in")
            peer.expect(b"in")
    assert not near.events("accept_paused")

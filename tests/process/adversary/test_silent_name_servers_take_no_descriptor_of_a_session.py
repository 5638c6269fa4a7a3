# SPDX-License-Identifier: Apache-2.0
"""Look-ups have a share of the descriptors and wait for their turn in it, however many names there are."""

import pytest

from support import processes
from support.name_server import NameServer
from support.names import FIRST, PORT, UPSTREAM_PORT, Names
from support.peer import Peer, Service, echo
from support.poll import eventually

LIMIT, NAMES = 256, 500
MOST_SOCKETS = 48


@pytest.fixture
def host(network):
    return network.host("near")


@pytest.fixture
def start(start_ambassador, host, tmp_path):
    def start(upstreams, hosts=""):
        names = Names(tmp_path)
        names.hosts(hosts)
        # All that there may be, of which a tenth would be kept from it for the other link.
        every_session = f"tcp://{FIRST}:{UPSTREAM_PORT}?max_sessions=1000000"
        env = {f"SVC_PORT_{PORT}_TCP": every_session, "AMBASSADOR_WORKERS": "1",
               f"NAMES_PORT_{PORT + 1}_TCP": ",".join(upstreams)}
        return start_ambassador(prefix=[*host.prefix, *names.prefix, "prlimit", f"--nofile={LIMIT}:{LIMIT}"], env=env)
    return start


def test_500_names_and_all_the_sessions_that_there_may_be(start, host):
    name_server = host.call(NameServer, lambda question: None)
    near = start([f"tcp://name-{i}.test:{UPSTREAM_PORT}" for i in range(NAMES)])
    most = near.wait_event("ready")["max_sessions"]
    assert most > 50
    with host.call(Service, FIRST, UPSTREAM_PORT) as first:
        first.serve(echo)
        eventually(lambda: len(name_server.asked) > 2, "names are asked for")
        peers = []
        for _ in range(most):
            peers.append(host.call(Peer.connect, PORT))
            peers[-1].send(b"x")
            peers[-1].expect(b"x")
        assert near.failures() == []
        assert near.events("accept_paused", reason="accept failed") == [], "nobody waited for a descriptor"
        for peer in peers:
            peer.close()


def test_at_no_moment_are_more_sockets_open_than_their_share(start, host):
    name_server = host.call(NameServer, lambda question: None)
    near = start([f"tcp://name-{i}.test:{UPSTREAM_PORT}" for i in range(NAMES)])
    idle = len([what for what in processes.descriptors(near.pid).values() if not what.startswith("socket")])
    most = 0

    def asked():
        nonlocal most
        most = max(most, len(processes.descriptors(near.pid)) - idle)
        return len(name_server.asked) >= 2 * NAMES
    eventually(asked, "every name has been asked for, in both families", within=200)
    assert most <= MOST_SOCKETS + 12, "the rest are listeners"

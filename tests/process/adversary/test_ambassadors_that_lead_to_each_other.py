# SPDX-License-Identifier: Apache-2.0
"""A leads to B, and B back to A: one connection filled every place of both and never ended."""

import pytest

from support.peer import Peer, echo
from support.poll import eventually
from support.ports import free_port
from support.servers import Server

LIMITS = {"AMBASSADOR_MAX_SESSIONS": "2000"}


class Socat(Server):
    """A relay that knows nothing of loops."""

    def __init__(self, to):
        super().__init__()
        self.to = to

    def command(self):
        return ["socat", f"TCP4-LISTEN:{self.port},fork,reuseaddr,backlog=4096", f"TCP4:127.0.0.1:{self.to}"]

    def answers(self):
        return True


def expect_to_come_down(consumer, *ambassadors, end="reset"):
    consumer.send(b"round and round")
    assert consumer.receive_to_end().ending == end
    eventually(lambda: any(one.events("loop") for one in ambassadors),
               lambda: "the loop is told:\n" + "\n".join(one.log() for one in ambassadors))
    for one in ambassadors:
        assert one.alive()
        assert not one.events("accept_paused"), "it ended long before the places were used up"
        assert len(one.events("loop")) <= 2, "once for each worker"


def test_the_chain_of_two_ambassadors_comes_down_and_others_are_served(start_ambassador, service):
    a_port, b_port, good = free_port(), free_port(), free_port()
    a = start_ambassador(env=LIMITS | {f"LOOP_PORT_{a_port}_TCP": f"tcp://127.0.0.1:{b_port}",
                                       f"GOOD_PORT_{good}_TCP": service.serve(echo).url})
    b = start_ambassador(env=LIMITS | {f"LOOP_PORT_{b_port}_TCP": f"tcp://127.0.0.1:{a_port}"})
    with Peer.connect(a_port) as consumer:
        expect_to_come_down(consumer, a, b)
    with Peer.connect(good) as peer:
        peer.send(b"unharmed")
        peer.expect(b"unharmed")


def test_the_chain_over_two_links_of_each_comes_down(start_ambassador):
    one, two, three, four = (free_port() for _ in range(4))
    a = start_ambassador(env=LIMITS | {f"ONE_PORT_{one}_TCP": f"tcp://127.0.0.1:{two}",
                                       f"THREE_PORT_{three}_TCP": f"tcp://127.0.0.1:{four}"})
    b = start_ambassador(env=LIMITS | {f"TWO_PORT_{two}_TCP": f"tcp://127.0.0.1:{three}",
                                       f"FOUR_PORT_{four}_TCP": f"tcp://127.0.0.1:{one}"})
    with Peer.connect(one) as consumer:
        expect_to_come_down(consumer, a, b)


def test_the_chain_through_another_relay_comes_down(start_ambassador, server):
    port = free_port()
    other = server(Socat(port))
    a = start_ambassador(env=LIMITS | {f"LOOP_PORT_{port}_TCP": f"tcp://127.0.0.1:{other.port}"})
    with Peer.connect(port) as consumer:
        expect_to_come_down(consumer, a, end="fin")  # the other relay's: it knows no resets


@pytest.mark.parametrize("speaks", [True, False])
def test_many_sessions_that_nobody_answers_are_no_loop(relay_to, service, speaks):
    """One-way services, and pools of connections at rest."""
    near = relay_to(service.url, env=LIMITS)
    arrived = []
    service.serve(lambda peer: (arrived.append(peer), peer.socket.recv(1 << 16), peer.socket.recv(1)))
    peers = [Peer.connect(near.port) for _ in range(200)]
    if speaks:
        for peer in peers:
            peer.send(b"one line for the log")
    eventually(lambda: len(arrived) >= 200, lambda: f"only {len(arrived)} sessions")
    for peer in peers:
        peer.expect_nothing(within=0.001)
        peer.reset()
    assert not near.events("loop"), near.log()
    assert set(near.failures()) <= {"client_reset"}

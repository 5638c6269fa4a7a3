# SPDX-License-Identifier: Apache-2.0
"""A host with 20 ephemeral ports towards one service address: the 21st session is refused by name, and none hangs."""

from support.peer import Peer, Service
from support.poll import eventually

CONSUMERS = 40


def test_sessions_beyond_the_ephemeral_ports_are_reset_as_over_the_limit(network, start_ambassador):
    near_host, far_host = network.host("near"), network.host("far")
    network.lan(near_host, far_host)
    near_host.run("sysctl", "-qw", "net.ipv4.ip_local_port_range=40000 40019")
    near = start_ambassador(prefix=near_host.prefix, env={"SVC_PORT_7000_TCP": f"tcp://{far_host.address}:7000"})

    def connect_all():
        return [Peer.connect(7000, near_host.address, source_port=20000 + number) for number in range(CONSUMERS)]

    with far_host.call(Service, far_host.address, 7000) as listening:
        consumers = near_host.call(connect_all)
        upstreams = [listening.accept() for _ in range(20)]
        eventually(lambda: len(near.failures()) == CONSUMERS - 20, lambda: f"20 sessions refused:\n{near.log()}")
        assert set(near.failures()) == {"limit"}, near.log()
        ended = [consumer for consumer in consumers if is_reset(consumer)]
        assert len(ended) == CONSUMERS - 20
        for peer in consumers + upstreams:
            peer.close()


def is_reset(peer):
    try:
        peer.expect_nothing(within=0.05)
        return False
    except ConnectionResetError:
        return True

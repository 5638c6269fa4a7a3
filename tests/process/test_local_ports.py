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
        return [connect_or_be_reset(near_host.address, 20000 + number) for number in range(CONSUMERS)]

    with far_host.call(Service, far_host.address, 7000) as listening:
        consumers = near_host.call(connect_all)
        upstreams = [listening.accept() for _ in range(20)]
        eventually(lambda: len(near.failures()) == CONSUMERS - 20, lambda: f"20 refused, not {len(near.failures())}")
        assert set(near.failures()) == {"limit"}
        assert len([consumer for consumer in consumers if is_reset(consumer)]) == CONSUMERS - 20
        for peer in filter(None, consumers + upstreams):
            peer.close()


def connect_or_be_reset(host, source_port):
    """None where the reset came before connect() had returned."""
    try:
        return Peer.connect(7000, host, source_port=source_port)
    except ConnectionResetError:
        return None


def is_reset(peer):
    try:
        if peer:
            peer.expect_nothing(within=0.05)
        return not peer
    except ConnectionResetError:
        return True

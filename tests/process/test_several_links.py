# SPDX-License-Identifier: Apache-2.0
"""One process serves several links and several ports per link, over IPv4 and IPv6, each to its own target."""

import pytest

from support.peer import Peer, Service, echo
from support.ports import free_port


def test_each_link_leads_to_its_own_target(start_ambassador):
    services = {free_port(): Service() for _ in range(6)}
    names = ["REDIS", "REDIS", "DB", "MY_PORT_80", "lower", "WITH.DOT"]
    start_ambassador(env={f"{name}_PORT_{port}_TCP": one.url for name, (port, one) in zip(names, services.items())})
    for port, one in services.items():
        with Peer.connect(port) as consumer, one.accept() as upstream:
            consumer.send(b"port %d" % port)
            upstream.expect(b"port %d" % port)
        one.close()


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
@pytest.mark.parametrize("target", ["127.0.0.1", "::1"])
def test_consumers_and_services_may_be_of_either_family(relay_to, host, target):
    with Service(target).serve(echo) as listening:
        near = relay_to(listening.url)
        with Peer.connect(near.port, host) as peer:
            peer.send(b"hello")
            peer.expect(b"hello")


def test_without_ipv6_it_listens_on_ipv4_alone(network, start_ambassador):
    host = network.host("old")
    host.run("sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1")
    near = start_ambassador(prefix=host.prefix, env={"SVC_PORT_7000_TCP": "tcp://127.0.0.1:7001"})
    assert near.events("listening")
    upstream = host.call(Service, "127.0.0.1", 7001)
    with upstream.serve(echo), host.call(Peer.connect, 7000) as peer:
        peer.send(b"hello")
        peer.expect(b"hello")


def test_host_and_port_as_arguments_listen_on_that_port_and_lead_to_it(network, start_ambassador):
    near, far = network.host("near"), network.host("far")
    network.lan(near, far)
    start_ambassador(far.address, "7000", prefix=near.prefix)
    with far.call(Service, far.address, 7000).serve(echo), near.call(Peer.connect, 7000) as peer:
        peer.send(b"hello")
        peer.expect(b"hello")


def test_a_listen_option_binds_that_address_and_no_other(relay_to, service):
    service.serve(echo)
    near = relay_to(f"{service.url}?listen=127.0.0.2&listen=127.0.0.3")
    for host in ("127.0.0.2", "127.0.0.3"):
        with Peer.connect(near.port, host) as peer:
            peer.send(b"hello")
            peer.expect(b"hello")
    with pytest.raises(ConnectionRefusedError):
        Peer.connect(near.port, "127.0.0.1")
    assert {record["address"] for record in near.events("listening")} == {
        f"127.0.0.2:{near.port}", f"127.0.0.3:{near.port}"}

# SPDX-License-Identifier: Apache-2.0
"""One side says it is done, the other answers at leisure: what `nc -N`, rsh-like protocols and HTTP/1.0 do."""

import subprocess

import pytest

from support.bytes import MIB, noise, sha256
from support.peer import Background, Peer, Service, echo


def test_echo_hi_into_nc_n_brings_the_reply_back(relay_to, service):
    service.serve(echo)
    near = relay_to(service.url)
    done = subprocess.run(["nc", "-N", "127.0.0.1", str(near.port)], input=b"hi\n", capture_output=True,
                          timeout=30, check=False)
    assert (done.returncode, done.stdout) == (0, b"hi\n")


def test_nc_z_reaches_the_service_as_a_connection_without_a_byte(relay_to, service):
    near = relay_to(service.url)
    done = subprocess.run(["nc", "-z", "127.0.0.1", str(near.port)], timeout=30, check=False)
    assert done.returncode == 0
    with service.accept() as peer:
        assert peer.receive_to_end().ending == "fin"
    assert near.failures() == []


@pytest.mark.parametrize("mirrored", [False, True], ids=["consumer_ends_first", "service_ends_first"])
def test_the_other_direction_goes_on_after_one_has_ended(chain_to, service, mirrored):
    near = chain_to(service.url)
    with Peer.connect(near.port) as consumer, service.accept() as upstream:
        first, second = (upstream, consumer) if mirrored else (consumer, upstream)
        request, reply = noise(MIB, seed=1), noise(MIB, seed=2)
        first.send(request)
        first.finish()
        second.expect(request)
        second.expect_fin()
        first.expect_nothing(within=1.0)
        second.send(reply)
        second.finish()
        first.expect(reply)
        first.expect_fin()
    assert near.failures() == []


def test_data_and_fin_sent_before_the_service_accepts_both_arrive(network, start_ambassador):
    """The consumer is done before the upstream connection stands: its FIN must not cancel the connect."""
    near_host, far_host = network.host("near"), network.host("far")
    network.lan(near_host, far_host)
    far_host.firewall("-A", "INPUT", "-p", "tcp", "--dport", "7000", "-j", "DROP")
    start_ambassador(prefix=near_host.prefix, env={
        "SVC_PORT_7000_TCP": f"tcp://{far_host.address}:7000?connect_timeout=20s&connect_total=25s"})
    upstream = far_host.call(Service, far_host.address, 7000)
    with upstream, near_host.call(Peer.connect, 7000) as consumer:
        consumer.send(b"hello")
        consumer.finish()
        consumer.expect_nothing(within=0.5)
        far_host.firewall("-F", "INPUT")  # the next SYN that the kernel repeats gets through
        with upstream.accept() as peer:
            peer.expect(b"hello")
            peer.expect_fin()
            peer.send(b"reply")
            peer.finish()
        consumer.expect(b"reply")
        consumer.expect_fin()


def test_thousands_of_short_connections_whose_data_and_fin_travel_together(chain_to, service):
    def answer(peer):
        received = peer.receive_to_end()
        peer.send(b"got %s" % sha256(received.data).encode())

    service.serve(answer)
    near = chain_to(service.url)

    def many(first, count):
        for number in range(first, first + count):
            data = noise(1 + number % 3000, seed=number)
            with Peer.connect(near.port) as peer:
                peer.send(data)
                peer.finish()
                peer.expect(b"got %s" % sha256(data).encode())
                peer.expect_fin()

    for batch in [Background(many, first, 750) for first in range(0, 3000, 750)]:
        batch.result(within=120)
    assert near.failures() == []

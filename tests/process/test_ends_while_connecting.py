# SPDX-License-Identifier: Apache-2.0
"""What happens at the far end between the handshake and the moment the ambassador learns of it. The ambassador is
stopped for that moment, so that it always finds everything at once: connected, bytes, and an end."""

import signal

import pytest

from support import processes
from support.peer import Peer, Service
from support.poll import eventually

PORT = 7000


@pytest.fixture
def hosts(network):
    hosts = {name: network.host(name) for name in ("near", "service")}
    network.lan(*hosts.values())
    return hosts


@pytest.fixture
def connecting(hosts, start_ambassador):
    """(ambassador, consumer, complete): the ambassador is stopped while it connects; complete() lets the kernels
    finish the handshake and returns the far end."""
    service = hosts["service"]
    service.firewall("-A", "INPUT", "-p", "tcp", "--syn", "-j", "DROP")
    near = start_ambassador(prefix=hosts["near"].prefix, env={
        f"SVC_PORT_{PORT}_TCP": f"tcp://{service.address}:{PORT}?connect_timeout=20s&connect_total=25s"})
    ends = []

    def complete():
        service.firewall("-F", "INPUT")
        ends.append(listening.accept())  # the SYN is repeated by the kernel
        return ends[-1]

    with service.call(Service, service.address, PORT) as listening:
        ends.append(hosts["near"].call(Peer.connect, PORT))
        eventually(lambda: "SYN-SENT" in hosts["near"].run("ss", "-Htn"), "the ambassador connects")
        near.signal(signal.SIGSTOP)
        eventually(lambda: processes.is_stopped(near.pid), "every thread of the ambassador has stopped")
        yield near, ends[0], complete
    for end in ends:
        end.close()


def test_a_greeting_followed_by_a_reset_reaches_the_consumer_before_the_reset(connecting):
    """As of a database that says "too many connections" and hangs up with our request unread."""
    near, consumer, complete = connecting
    upstream = complete()
    upstream.send(b"too many connections")
    upstream.wait_until_acknowledged()
    upstream.reset()
    near.signal(signal.SIGCONT)
    received = consumer.receive_to_end()
    assert (received.data, received.ending) == (b"too many connections", "reset")
    near.wait_failures("upstream_reset")


def test_a_greeting_followed_by_a_fin_reaches_the_consumer_before_the_fin(connecting):
    near, consumer, complete = connecting
    upstream = complete()
    upstream.send(b"goodbye")
    upstream.finish()
    near.signal(signal.SIGCONT)
    consumer.expect(b"goodbye")
    consumer.expect_fin()


def test_a_consumer_that_reset_meanwhile_leaves_the_service_a_reset_and_not_an_empty_request(connecting):
    near, consumer, complete = connecting
    consumer.send(b"DELETE")
    consumer.reset()
    upstream = complete()
    near.signal(signal.SIGCONT)
    received = upstream.receive_to_end()
    assert received.ending == "reset", f"FIN after {received.data!r}"
    near.wait_failures("client_reset")


def test_a_consumer_that_finished_meanwhile_is_served(connecting):
    near, consumer, complete = connecting
    upstream = complete()
    consumer.send(b"hi")
    consumer.finish()
    near.signal(signal.SIGCONT)
    upstream.expect(b"hi")
    upstream.expect_fin()
    upstream.send(b"hello")
    upstream.finish()
    consumer.expect(b"hello")
    consumer.expect_fin()

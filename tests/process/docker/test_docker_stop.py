# SPDX-License-Identifier: Apache-2.0
"""docker stop: TERM to PID 1. Nothing in flight is lost that ends in time, and what does not is reset, not ended."""

import socket

import pytest

from support.bytes import KIB, MIB, noise, sha256
from support.peer import Background, Peer, Service
from support.poll import eventually
from support.processes import descriptors

BRIDGE_ADDRESS = "172.17.0.1"
PORT = 9000


@pytest.fixture
def service(provider):
    """A service on the engine's host, played by the test."""
    with provider.host.call(Service, BRIDGE_ADDRESS) as listening:
        yield listening


@pytest.fixture
def ambassador(provider, service):
    def start(options=""):
        return provider.run(f"run -d -e SVC_PORT_{PORT}_TCP={service.url} {options} ambassador").wait_ready()
    return start


@pytest.fixture
def connect(provider, service):
    """connect(container): the two ends of a new session through it."""
    def both_ends(container, **options):
        address = container.address
        client = provider.host.call(lambda: Peer.connect(PORT, address, **options))
        return client, service.accept()
    return both_ends


def stop_in_background(container):
    return Background(container.engine.docker, f"stop {container.name}")


def test_an_idle_one_ends_in_under_a_second_with_exit_0(ambassador):
    container = ambassador()
    container.engine.docker(f"stop {container.name}")
    assert container.exit_code == 0
    assert container.seconds_from_stop_to_end() < 1.0


def test_transfers_in_flight_end_exact_both_ways(ambassador, connect):
    container = ambassador()
    body = noise(50 * MIB, seed=33)
    sessions = [connect(container) for _ in range(5)]
    directions = [(service, client) for client, service in sessions[:3]] + sessions[3:]  # three down, two up
    sending = []
    for sender, receiver in directions:
        sending.append(Background(send_all_of, sender, body))
        receiver.expect(body[:MIB])

    stopping = stop_in_background(container)
    assert container.wait_for("stopping")["sessions"] == 5
    received = [Background(receiver.receive_to_end) for _, receiver in directions]
    for one in received:
        outcome = one.result()
        assert outcome.ending == "fin"
        assert sha256(body[:MIB] + outcome.data) == sha256(body)
    for (_, receiver), sent in zip(directions, sending):
        sent.result()
        receiver.close()
    for sender, _ in directions:
        sender.close()
    stopping.result()
    assert container.exit_code == 0
    assert container.records().of("session_failed") == []


def send_all_of(peer, body):
    peer.send(body)
    peer.finish()


def test_nobody_new_is_let_in_while_it_drains(ambassador, connect, provider):
    container = ambassador()
    address = container.address
    client, service = connect(container)
    stopping = stop_in_background(container)
    container.wait_for("stopping")
    with pytest.raises(ConnectionRefusedError):
        provider.host.call(Peer.connect, PORT, address)
    client.send(b"still here")
    service.expect(b"still here")
    client.finish()
    service.expect_fin()
    service.close()
    client.expect_fin()
    stopping.result()
    assert container.exit_code == 0


def test_what_the_kernel_still_holds_after_the_last_session_arrives_before_pid_1_leaves(ambassador, connect):
    """A container's network goes with its PID 1, and bytes in a closed socket's send queue would go with it."""
    container = ambassador()
    at_rest = len(descriptors(container.pid))
    client, service = connect(container, receive_buffer=4096)
    body = noise(32 * KIB, seed=34)
    service.send(body)
    service.finish()
    client.finish()
    service.expect_fin()
    service.close()
    eventually(lambda: len(descriptors(container.pid)) == at_rest, "the session ended")

    stopping = stop_in_background(container)
    assert container.wait_for("stopping")["sessions"] == 0
    assert arrived_unread(client) < len(body)
    outcome = client.receive_to_end()
    assert (outcome.ending, sha256(outcome.data)) == ("fin", sha256(body))
    stopping.result()
    assert container.exit_code == 0


def arrived_unread(peer):
    return len(peer.socket.recv(64 * KIB, socket.MSG_PEEK))


def test_a_transfer_that_never_ends_is_reset_when_the_drain_is_over_and_the_exit_code_is_3(ambassador, connect):
    container = ambassador("-e AMBASSADOR_DRAIN=1s")
    client, service = connect(container)
    client.send(b"half a request")
    service.expect(b"half a request")
    stopping = stop_in_background(container)
    client.expect_reset()
    service.expect_reset()
    stopping.result()
    assert container.exit_code == 3
    assert container.wait_until_ended() == 3
    records = container.records()
    assert len(records.of("session_failed", reason="drain_deadline")) == 1
    assert records.of("stopped")[0]["sessions_cut"] == 1


def test_its_own_deadline_comes_before_the_engines_kill(ambassador, connect):
    """Docker kills after 10 s (exit 137); the default drain of 9 s ends first."""
    container = ambassador()
    client, service = connect(container)
    container.engine.docker(f"stop {container.name}")
    assert container.exit_code == 3
    client.expect_reset()
    service.expect_reset()

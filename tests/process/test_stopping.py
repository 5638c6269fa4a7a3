# SPDX-License-Identifier: Apache-2.0
"""TERM and INT: the listeners close at once, sessions get until the deadline, and the exit code says how it ended."""

import signal

import pytest

from support import processes
from support.bytes import MIB, noise, sha256
from support.peer import Peer, accepts
from support.poll import eventually


def open_session(near, service):
    consumer, upstream = Peer.connect(near.port), service.accept()
    consumer.send(b"hello")
    upstream.expect(b"hello")
    return consumer, upstream


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["term", "int"])
def test_an_idle_ambassador_stops_at_once_with_exit_0(relay_to, service, number):
    near = relay_to(service.url)
    near.signal(number)
    assert near.wait_exit(within=5) == 0
    assert near.events("stopping")[0]["sessions"] == 0
    assert near.events("stopped")[0]["sessions_cut"] == 0


def test_transfers_in_flight_end_exactly_and_then_the_exit_code_is_0(relay_to, service):
    near = relay_to(service.url, env={"AMBASSADOR_DRAIN": "2m"})  # for slow machines
    data = [noise(32 * MIB, seed=33 + number) for number in range(5)]
    sessions = [open_session(near, service) for _ in data]
    sending = [upstream.send_in_background(one) for (_, upstream), one in zip(sessions, data)]
    start = [consumer.receive(MIB) for consumer, _ in sessions]
    near.signal(signal.SIGTERM)
    near.wait_event("stopping", sessions=5)
    eventually(lambda: not accepts(near.port), "new connections are refused")
    assert near.alive()
    for (consumer, upstream), first, one, sent in zip(sessions, start, data, sending):
        rest = consumer.receive_in_background(len(one) - MIB)
        sent.result()
        upstream.finish()
        assert sha256(first + rest.result()) == sha256(one)
        consumer.expect_fin()
        consumer.close()
        upstream.close()
    assert near.wait_exit() == 0
    assert near.failures() == []


def test_whoever_was_in_the_accept_queue_is_still_served(relay_to, service):
    near = relay_to(service.url)
    near.signal(signal.SIGSTOP)
    consumers = [Peer.connect(near.port) for _ in range(50)]
    for number, consumer in enumerate(consumers):
        consumer.send(bytes([number]))
    near.signal(signal.SIGTERM)
    near.signal(signal.SIGCONT)
    upstreams = [service.accept() for _ in consumers]
    assert sorted(upstream.receive(1)[0] for upstream in upstreams) == list(range(50))
    for peer in consumers + upstreams:
        peer.close()
    assert near.wait_exit() == 0


def test_sessions_still_open_at_the_deadline_are_reset_counted_and_exit_3(relay_to, service):
    near = relay_to(service.url, env={"AMBASSADOR_DRAIN": "700ms"}, expect_exit=3)
    sessions = [open_session(near, service) for _ in range(4)]
    near.signal(signal.SIGTERM)
    for consumer, upstream in sessions:
        consumer.expect_reset()
        upstream.expect_reset()
        consumer.close()
        upstream.close()
    assert near.wait_exit() == 3
    assert near.failures() == ["drain_deadline"] * 4
    assert [record["sessions_cut"] for record in near.events("stopped")] == [4]


@pytest.mark.parametrize("first", [signal.SIGTERM, signal.SIGINT], ids=["term", "int"])
@pytest.mark.parametrize("second", [signal.SIGTERM, signal.SIGINT], ids=["then_term", "then_int"])
def test_a_second_signal_ends_it_at_once(relay_to, service, first, second):
    near = relay_to(service.url, env={"AMBASSADOR_DRAIN": "10m"}, expect_exit=3)
    consumer, upstream = open_session(near, service)
    near.signal(first)
    near.wait_event("stopping")
    near.signal(second)
    assert near.wait_exit(within=5) == 3
    consumer.expect_reset()
    upstream.expect_reset()
    consumer.close()
    upstream.close()


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2], ids=["hup", "usr1", "usr2"])
def test_other_signals_do_not_disturb_a_drain(relay_to, service, number):
    near = relay_to(service.url)
    consumer, upstream = open_session(near, service)
    near.signal(signal.SIGTERM)
    near.wait_event("stopping")
    near.signal(number)
    upstream.send(b"still here")
    consumer.expect(b"still here")
    assert near.alive() and not accepts(near.port)
    consumer.close()
    upstream.close()
    assert near.wait_exit() == 0


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGPIPE, signal.SIGCHLD],
                         ids=["hup", "usr1", "usr2", "pipe", "chld"])
def test_other_signals_do_not_disturb_a_running_one(relay_to, service, number):
    near = relay_to(service.url)
    consumer, upstream = open_session(near, service)
    near.signal(number)
    upstream.send(b"still here")
    consumer.expect(b"still here")
    consumer.close()
    upstream.close()


def test_a_paused_ambassador_goes_on_where_it_was(relay_to, service):
    near = relay_to(f"{service.url}?dead_peer=2s&connect_timeout=1s")
    consumer, upstream = open_session(near, service)
    data = noise(16 * MIB, seed=35)
    sending = upstream.send_in_background(data)
    start = consumer.receive(MIB)
    near.signal(signal.SIGSTOP)
    late = Peer.connect(near.port)  # the kernel takes it; the ambassador will see it afterwards
    assert processes.cpu_share(near.pid, window_s=4.0) < 0.01
    near.signal(signal.SIGCONT)
    assert sha256(start + consumer.receive(len(data) - MIB)) == sha256(data)
    sending.result()
    with service.accept() as second:
        late.send(b"late")
        second.expect(b"late")
    late.close()
    consumer.close()
    upstream.close()
    assert near.failures() == []

# SPDX-License-Identifier: Apache-2.0
"""How sessions are spread over several endpoints, by the shipped program with one worker, whose counting is exact."""

import contextlib
from collections import Counter

import pytest

from support.peer import Peer, Service, expect_reset_session
from support.poll import eventually
from support.ports import free_port

ONE_WORKER = {"AMBASSADOR_WORKERS": "1"}


@pytest.fixture
def services():
    with Service() as one, Service() as two, Service() as three:
        yield one, two, three


def value(services, options):
    return ",".join(service.url for service in services) + f"?{options}"


def say_who_you_are(service):
    service.serve(lambda peer: peer.send(str(service.port).encode()) or peer.expect_fin())


def ask_who(port, sessions, stack=None):
    """Of so many sessions, which service each met; with a stack they stay open."""
    met = Counter()
    for _ in range(sessions):
        consumer = Peer.connect(port)
        met[int(consumer.receive(1) + consumer.socket.recv(10))] += 1
        if stack is None:
            consumer.close()
        else:
            stack.callback(consumer.close)
    return met


@pytest.mark.parametrize("policy", ["round_robin", "least_sessions"])
def test_sessions_are_spread_evenly(relay_to, services, policy):
    for service in services:
        say_who_you_are(service)
    near = relay_to(value(services, f"policy={policy}"), env=ONE_WORKER)
    with contextlib.ExitStack() as stack:
        met = ask_who(near.port, 30, stack)
    assert met == {service.port: 10 for service in services}


@pytest.mark.parametrize("sessions", [1, 12, 20])
def test_turns_are_taken_by_all_workers_together(relay_to, services, sessions):
    """Few sessions that stay are spread as evenly as many: it does not matter which worker the kernel gives them to."""
    for service in services:
        say_who_you_are(service)
    near = relay_to(value(services, "policy=round_robin"), env={"AMBASSADOR_WORKERS": "8"})
    with contextlib.ExitStack() as stack:
        met = ask_who(near.port, sessions, stack)
    counts = [met[service.port] for service in services]
    assert sum(counts) == sessions and max(counts) - min(counts) <= 1, met


def test_random_spreads_over_all(relay_to, services):
    for service in services:
        say_who_you_are(service)
    near = relay_to(value(services, "policy=random"), env=ONE_WORKER)
    with contextlib.ExitStack() as stack:
        met = ask_who(near.port, 60, stack)
    assert set(met) == {service.port for service in services} and max(met.values()) <= 30, met


def test_first_is_the_default_and_leaves_the_backups_alone(relay_to, services):
    for service in services:
        say_who_you_are(service)
    near = relay_to(value(services, "eject_for=10s"), env=ONE_WORKER)
    assert ask_who(near.port, 10) == {services[0].port: 10}


def test_an_endpoint_takes_as_many_sessions_as_it_may(relay_to, services):
    for service in services:
        say_who_you_are(service)
    near = relay_to(value(services, "endpoint_sessions=2"))
    with contextlib.ExitStack() as stack:
        met = ask_who(near.port, 6, stack)
        assert met == {service.port: 2 for service in services}
        expect_reset_session(near.port)
    near.wait_failures("limit")


def test_a_primary_that_fails_is_passed_over_and_returns_after_a_probe(relay_to, services):
    primary_port = free_port()
    backup = services[0]
    say_who_you_are(backup)
    near = relay_to(f"tcp://127.0.0.1:{primary_port},{backup.url}?eject_for=100ms", env=ONE_WORKER)
    assert ask_who(near.port, 3) == {backup.port: 3}
    assert near.wait_event("endpoint_ejected")["endpoint"] == f"127.0.0.1:{primary_port}"
    with Service(port=primary_port) as primary:
        say_who_you_are(primary)
        eventually(lambda: ask_who(near.port, 1) == {primary_port: 1}, "the primary has sessions again")
        assert near.wait_event("endpoint_back")["endpoint"] == f"127.0.0.1:{primary_port}"

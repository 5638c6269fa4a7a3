# SPDX-License-Identifier: Apache-2.0
"""Failure case 65: whatever a name server does instead of answering, live and new sessions do not feel it."""

import contextlib

import pytest

from support.dns import NOTIMP, REFUSED, SERVFAIL, ScriptedNameServer
from support.names import FIRST, PORT, SECOND, UPSTREAM_PORT, Names, link_to, reaches
from support.peer import Peer, Service, expect_reset_session
from support.poll import eventually
from support.servers import Dnsmasq


@pytest.fixture
def host(network):
    return network.host("near")


@pytest.fixture
def dnsmasq(server, host):
    return server(Dnsmasq(on=host, records={"harbour.test": FIRST}))


@pytest.fixture
def near(start_ambassador, host, dnsmasq, tmp_path):
    return start_ambassador(prefix=[*host.prefix, *Names(tmp_path).prefix],
                            env=link_to(f"tcp://harbour.test:{UPSTREAM_PORT}"))


@pytest.fixture
def first(host):
    with host.call(Service, FIRST, UPSTREAM_PORT) as first:
        yield first


@contextlib.contextmanager
def nothing_is_felt(host, near, first):
    """While the body breaks the name server: a session that lives goes on, and new ones reach the same place."""
    eventually(lambda: reaches(host, first), "the first answer is used")
    with host.call(Peer.connect, PORT) as consumer, first.accept() as old:
        yield
        near.wait_event("resolve_failed", within=30)
        for _ in range(5):
            assert reaches(host, first)
            old.send(b"goes on")
            consumer.expect(b"goes on")
    failed = near.events("resolve_failed")
    assert len(failed) == 1, "told once"
    assert "stay in use" in failed[0]["consequence"]
    assert near.events("moved") == []
    assert near.failures() == []


def test_it_is_gone(host, near, dnsmasq, first):
    with nothing_is_felt(host, near, first):
        dnsmasq.end()


@pytest.mark.parametrize("rcode", [SERVFAIL, NOTIMP, REFUSED], ids=["servfail", "notimp", "refused"])
def test_it_answers_with_a_failure(host, near, dnsmasq, first, rcode):
    with nothing_is_felt(host, near, first):
        dnsmasq.end()
        failing = host.call(ScriptedNameServer, rcode)
    assert failing.questions > 0


def test_it_answers_one_half_with_a_failure_and_the_other_with_nothing(host, near, dnsmasq, first):
    """As a forwarder does that still remembers that there is no AAAA, and cannot ask for the A any more."""
    with nothing_is_felt(host, near, first):
        dnsmasq.end()
        failing = host.call(ScriptedNameServer, 0, None, 0.0, SERVFAIL)
    assert failing.questions > 0


def test_it_is_behind_a_black_hole_and_comes_back(host, near, dnsmasq, first):
    rules = [("INPUT", "-p", protocol, "--dport", "53", "-j", "DROP") for protocol in ("udp", "tcp")]
    with nothing_is_felt(host, near, first):
        for rule in rules:
            host.firewall("-I", *rule)
    with host.call(Service, SECOND, UPSTREAM_PORT) as second:
        for rule in rules:
            host.firewall("-D", *rule)
        dnsmasq.change(**{"harbour.test": SECOND})
        near.wait_event("moved", within=30)
        assert reaches(host, second)


def test_it_answers_too_late(host, near, dnsmasq, first):
    with nothing_is_felt(host, near, first):
        dnsmasq.end()
        late = host.call(ScriptedNameServer, 0, SECOND, 10.0)
    assert late.questions > 0


def test_it_answers_late_but_in_time_and_nobody_waits_for_it(start_ambassador, host, first, tmp_path):
    """Every answer takes a while; sessions meanwhile go where the last one led."""
    slow = host.call(ScriptedNameServer, 0, FIRST, 0.8)
    near = start_ambassador(prefix=[*host.prefix, *Names(tmp_path).prefix],
                            env=link_to(f"tcp://harbour.test:{UPSTREAM_PORT}?max_ttl=1s"))
    eventually(lambda: reaches(host, first), "the first answer is used")
    asked = slow.questions
    eventually(lambda: slow.questions > asked, "the next question is under way")
    for _ in range(20):
        assert reaches(host, first)
    assert near.events("resolve_failed") == []


def test_it_says_that_there_is_no_such_name_and_is_believed_after_the_grace_period(
        start_ambassador, host, dnsmasq, first, tmp_path):
    near = start_ambassador(prefix=[*host.prefix, *Names(tmp_path).prefix],
                            env=link_to(f"tcp://harbour.test:{UPSTREAM_PORT}?empty_grace=3s"))
    eventually(lambda: reaches(host, first), "the first answer is used")
    del dnsmasq.records["harbour.test"]
    dnsmasq.change()
    near.wait_event("resolve_failed", within=30)
    assert reaches(host, first)
    moved = near.wait_event("moved", within=30)
    assert (moved["was"], moved["now"]) == (FIRST, "nothing")
    host.call(expect_reset_session, PORT)
    near.wait_failures("no_upstream")

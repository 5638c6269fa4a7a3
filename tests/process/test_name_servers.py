# SPDX-License-Identifier: Apache-2.0
"""Targets that a DNS server knows (dnsmasq, in a namespace): changing answers, aliases, and answers that are long."""

import pytest

from support.names import FIRST, PORT, SECOND, UPSTREAM_PORT, Names, link_to, reaches
from support.peer import Peer, Service, echo
from support.poll import eventually
from support.servers import Dnsmasq

LONGEST_TTL_S = 600  # what Docker's own name server says


@pytest.fixture
def host(network):
    return network.host("near")


@pytest.fixture
def names(tmp_path):
    return Names(tmp_path)


@pytest.fixture
def dnsmasq(server, host):
    return server(Dnsmasq(on=host, records={"harbour.test": FIRST}))


@pytest.fixture
def near(start_ambassador, host, names, dnsmasq):
    return start_ambassador(prefix=[*host.prefix, *names.prefix],
                            env=link_to(f"tcp://harbour.test:{UPSTREAM_PORT}"))


@pytest.fixture
def services(host):
    with host.call(Service, FIRST, UPSTREAM_PORT) as first, host.call(Service, SECOND, UPSTREAM_PORT) as second:
        yield first, second


def test_new_sessions_follow_an_answer_that_changes(host, near, dnsmasq, services):
    first, second = services
    eventually(lambda: reaches(host, first), "the first answer is used")
    with host.call(Peer.connect, PORT) as consumer, first.accept() as old:
        dnsmasq.change(**{"harbour.test": SECOND})
        near.wait_event("moved", within=30)
        assert reaches(host, second)
        old.send(b"the old session stays")
        consumer.expect(b"the old session stays")
    assert near.failures() == []


def test_the_next_session_reaches_a_provider_that_moved_although_its_old_answer_is_good_for_ten_minutes(
        start_ambassador, server, host, names, services):
    first, second = services
    dnsmasq = server(Dnsmasq(on=host, records={"harbour.test": FIRST}, ttl_s=LONGEST_TTL_S))
    near = start_ambassador(prefix=[*host.prefix, *names.prefix], env=link_to(f"tcp://harbour.test:{UPSTREAM_PORT}"))
    eventually(lambda: reaches(host, first), "the first answer is used")
    first.close()
    dnsmasq.change(**{"harbour.test": SECOND})
    assert reaches(host, second)
    assert near.failures() == []
    moved = near.wait_event("moved")
    assert (moved["was"], moved["now"]) == (FIRST, SECOND)


def test_an_alias_that_leads_elsewhere_is_followed(start_ambassador, server, host, names, services):
    first, second = services
    dnsmasq = server(Dnsmasq(on=host, records={"one.test": FIRST, "two.test": SECOND},
                             aliases=["harbour.test,one.test"]))
    near = start_ambassador(prefix=[*host.prefix, *names.prefix], env=link_to(f"tcp://harbour.test:{UPSTREAM_PORT}"))
    eventually(lambda: reaches(host, first), "the first answer is used")
    dnsmasq.restart(aliases=["harbour.test,two.test"])
    near.wait_event("moved", within=30)
    assert reaches(host, second)


def test_when_the_server_comes_back_its_new_answer_is_used(host, near, dnsmasq, services):
    first, second = services
    eventually(lambda: reaches(host, first), "the first answer is used")
    dnsmasq.end()
    near.wait_event("resolve_failed", within=30)
    dnsmasq.records["harbour.test"] = SECOND
    dnsmasq.write()
    dnsmasq.start()
    near.wait_event("moved", within=60)
    assert reaches(host, second)


def test_of_several_addresses_one_that_refuses_is_passed_over(host, near, dnsmasq, services):
    first, second = services
    first.close()
    dnsmasq.change(**{"harbour.test": f"{FIRST} {SECOND}"})
    near.wait_event("moved", within=30)
    for _ in range(5):
        assert reaches(host, second)


def test_an_answer_that_is_too_long_for_a_datagram_is_asked_for_over_tcp(start_ambassador, server, host, names):
    addresses = [f"127.1.0.{number}" for number in range(1, 101)]
    server(Dnsmasq(on=host, records={"harbour.test": " ".join(addresses)}))
    near = start_ambassador(prefix=[*host.prefix, *names.prefix], env=link_to(f"tcp://harbour.test:{UPSTREAM_PORT}"))
    with host.call(Service, "0.0.0.0", UPSTREAM_PORT).serve(echo):
        with eventually(lambda: connected_session(host), "the name is known", every=0.1) as consumer:
            consumer.send(b"hello")
            consumer.expect(b"hello")
    assert near.events("resolve_failed") == []


def connected_session(host):
    """A session that has exchanged something, or nothing."""
    consumer = host.call(Peer.connect, PORT)
    try:
        consumer.send(b"x")
        consumer.expect(b"x")
        return consumer
    except (ConnectionError, AssertionError):
        consumer.close()
        return None


@pytest.mark.parametrize("refused", ["127.0.0.1", "169.254.169.254"])
def test_a_name_that_comes_to_lead_to_ourselves_or_to_the_metadata_address_keeps_its_old_address(
        start_ambassador, server, host, names, refused):
    dnsmasq = server(Dnsmasq(on=host, records={"harbour.test": FIRST}))
    near = start_ambassador(prefix=[*host.prefix, *names.prefix],
                            env=link_to(f"tcp://harbour.test:{PORT}?listen=127.0.0.1"))
    with host.call(Service, FIRST, PORT) as first:
        eventually(lambda: reaches(host, first), "the first answer is used")
        dnsmasq.change(**{"harbour.test": refused})
        assert near.wait_event("endpoint_refused", within=30)["address"] == f"{refused}:{PORT}"
        for _ in range(5):
            assert reaches(host, first)
    assert len(near.events("endpoint_refused")) == 1, "told once"
    assert near.events("moved") == [], "nobody goes there"

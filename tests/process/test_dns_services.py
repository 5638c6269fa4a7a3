# SPDX-License-Identifier: Apache-2.0
"""srv:// targets: a DNS server (dnsmasq) says hosts, ports, priorities and weights of a service."""

import pytest

from support.names import FIRST, PORT, SECOND, THIRD, UPSTREAM_PORT, Names, link_to, reaches
from support.peer import Peer, Service, echo, expect_reset_session
from support.poll import eventually
from support.servers import Dnsmasq, Redis

SERVICE = "_svc._tcp.test"
OTHER_PORT = UPSTREAM_PORT + 1


@pytest.fixture
def host(network):
    return network.host("near")


def offers(name, port=UPSTREAM_PORT, priority=0, weight=0):
    return f"{SERVICE},{name}.test,{port},{priority},{weight}"


@pytest.fixture
def dnsmasq(server, host):
    records = {"one.test": FIRST, "two.test": SECOND, "three.test": THIRD}
    return server(Dnsmasq(on=host, records=records, services=[offers("one", priority=10), offers("two", priority=20)]))


@pytest.fixture
def start(start_ambassador, host, dnsmasq, tmp_path):
    def start(options=""):
        return start_ambassador(prefix=[*host.prefix, *Names(tmp_path).prefix], env=link_to(f"srv://{SERVICE}{options}"))
    return start


@pytest.fixture
def one(host):
    with host.call(Service, FIRST, UPSTREAM_PORT) as one:
        yield one


@pytest.fixture
def two(host):
    with host.call(Service, SECOND, UPSTREAM_PORT) as two:
        yield two


def test_sessions_go_to_the_lowest_priority_and_to_the_next_one_once_nobody_is_there(start, host, one, two):
    near = start()
    eventually(lambda: reaches(host, one), "the first priority is reached")
    for _ in range(10):
        assert reaches(host, one)
    one.close()
    for _ in range(5):
        assert reaches(host, two)
    assert near.failures() == []


def test_a_host_comes_with_the_port_of_its_record(start, host, dnsmasq):
    dnsmasq.restart(services=[offers("three", port=OTHER_PORT)])
    start()
    with host.call(Service, THIRD, OTHER_PORT) as three:
        eventually(lambda: reaches(host, three), "the service is reached")


def test_sessions_are_shared_by_weight(start, host, dnsmasq, one, two):
    dnsmasq.restart(services=[offers("one", weight=3), offers("two", weight=1)])
    near = start()
    served = {one: 0, two: 0}
    for service in served:
        def count(peer, service=service):
            served[service] += 1
            echo(peer)
        service.serve(count)
    sessions = 400
    for _ in range(sessions):
        with host.call(Peer.connect, PORT) as consumer:
            consumer.send(b"x")
            consumer.expect(b"x")
    # 300 are expected; 60 away from it is seven standard deviations.
    assert 240 <= served[one] <= 360, served
    assert served[one] + served[two] == sessions
    assert near.failures() == []


def test_a_service_that_moves_to_other_hosts_is_followed_in_one_line_and_its_sessions_stay(
        start, host, dnsmasq, one, two):
    near = start("?max_ttl=1s")
    eventually(lambda: reaches(host, one), "the first priority is reached")
    with host.call(Peer.connect, PORT) as consumer, one.accept() as old:
        dnsmasq.restart(services=[offers("two")])
        moved = near.wait_event("moved", within=60)
        assert moved["name"] == SERVICE
        assert FIRST in moved["was"] and FIRST not in moved["now"] and SECOND in moved["now"]
        assert reaches(host, two)
        old.send(b"the old session stays")
        consumer.expect(b"the old session stays")
    assert len(near.events("moved")) == 1


def test_a_host_of_a_service_that_moves_is_followed(start, host, dnsmasq, two):
    near = start("?max_ttl=1s")
    eventually(lambda: reaches(host, two), "the second priority is reached, for nobody is at the first")
    dnsmasq.change(**{"two.test": THIRD})
    with host.call(Service, THIRD, UPSTREAM_PORT) as three:
        near.wait_event("moved", within=30)
        assert reaches(host, three)


def test_a_service_is_kept_while_its_server_is_gone(start, host, dnsmasq, one):
    near = start("?max_ttl=1s")
    eventually(lambda: reaches(host, one), "the first priority is reached")
    dnsmasq.end()
    eventually(lambda: SERVICE in [event["name"] for event in near.events("resolve_failed")], "told", within=30)
    for _ in range(5):
        assert reaches(host, one)
    assert near.events("moved") == []
    assert near.failures() == []


def test_a_service_that_is_not_offered_any_more_is_given_up_after_the_grace_period(start, host, dnsmasq, one):
    near = start("?max_ttl=1s&empty_grace=2s")
    eventually(lambda: reaches(host, one), "the first priority is reached")
    dnsmasq.restart(services=[SERVICE])  # its one record says "."
    failed = near.wait_event("resolve_failed", within=30)
    assert "not offered" in failed["error"]
    assert near.wait_event("moved", within=30)["now"] == "nothing"
    host.call(expect_reset_session, PORT)


def test_more_servers_than_fit_into_a_datagram_are_asked_for_over_tcp(start, host, dnsmasq):
    dnsmasq.restart(services=[offers("three", port=OTHER_PORT + number) for number in range(40)])
    near = start()
    with host.call(Service, THIRD, OTHER_PORT + 39) as last:
        eventually(lambda: reaches(host, last), "the only one that is there is reached", within=60)
    assert near.events("resolve_failed") == []


def test_a_real_redis_is_reached_by_its_service(start, server, host, dnsmasq):
    redis = server(Redis(host=FIRST, port=UPSTREAM_PORT, on=host))
    start()
    with host.call(Peer.connect, PORT) as consumer:
        consumer.send(b"PING\r\n")
        consumer.expect(b"+PONG\r\n")
    assert redis.process.poll() is None

# SPDX-License-Identifier: Apache-2.0
"""Several targets in one value are tried in order until one takes the connection; once bytes have gone out to one,
nothing is ever sent again. When none takes it, the consumer sees a reset and the log says why."""

import socket

import pytest

from support.peer import Peer, Service, expect_reset_session
from support.poll import eventually
from support.ports import free_port

PORT = 7000


@pytest.fixture
def hosts(network):
    hosts = {name: network.host(name) for name in ("near", "first", "second")}
    network.lan(*hosts.values())
    return hosts


def start_with_both(start_ambassador, hosts, options=""):
    first, second = (f"tcp://{hosts[name].address}:{PORT}" for name in ("first", "second"))
    return start_ambassador(prefix=hosts["near"].prefix, env={f"SVC_PORT_{PORT}_TCP": f"{first}{options},{second}"})


def expect_the_second_serves(hosts):
    upstream = hosts["second"].call(Service, hosts["second"].address, PORT)
    with upstream, hosts["near"].call(Peer.connect, PORT) as consumer:
        consumer.send(b"early bytes")
        with upstream.accept() as peer:
            peer.expect(b"early bytes")
            peer.send(b"welcome")
            consumer.expect(b"welcome")
            consumer.finish()
            peer.expect_fin()


def test_a_first_target_that_drops_syns_is_passed_over_and_gets_no_byte(hosts, start_ambassador):
    hosts["first"].firewall("-A", "INPUT", "-p", "tcp", "--syn", "-j", "DROP")
    near = start_with_both(start_ambassador, hosts)
    with hosts["first"].call(Service, hosts["first"].address, PORT) as first:
        expect_the_second_serves(hosts)
        hosts["first"].firewall("-F", "INPUT")
        first.expect_nobody()
    assert near.wait_event("endpoint_ejected", link="svc")["endpoint"] == f"{hosts['first'].address}:{PORT}"
    assert near.failures() == []


@pytest.mark.parametrize("answer", ["tcp-reset", "icmp-port-unreachable", "icmp-host-unreachable",
                                    "icmp-admin-prohibited"])
def test_a_first_target_that_refuses_is_passed_over(hosts, start_ambassador, answer):
    hosts["first"].firewall("-A", "INPUT", "-p", "tcp", "--dport", str(PORT), "-j", "REJECT", "--reject-with", answer)
    near = start_with_both(start_ambassador, hosts)
    expect_the_second_serves(hosts)
    assert near.failures() == []


def test_a_first_target_on_a_host_that_does_not_exist_is_passed_over(hosts, start_ambassador):
    missing = hosts["near"].address.rsplit(".", 1)[0] + ".99"
    start_ambassador(prefix=hosts["near"].prefix, env={
        f"SVC_PORT_{PORT}_TCP": f"tcp://{missing}:{PORT},tcp://{hosts['second'].address}:{PORT}"})
    expect_the_second_serves(hosts)


def test_a_full_backlog_counts_as_a_target_that_does_not_answer(relay_to):
    with Service(backlog=0) as full, Service() as second:
        fillers = [_start_connecting(full.port) for _ in range(8)]
        near = relay_to(f"{full.url},{second.url}")
        with Peer.connect(near.port) as consumer:
            consumer.send(b"early bytes")
            with second.accept() as peer:
                peer.expect(b"early bytes")
        for filler in fillers:
            filler.close()


def _start_connecting(port):
    sock = socket.socket()
    sock.setblocking(False)
    sock.connect_ex(("127.0.0.1", port))
    return sock


def test_every_target_down_is_a_reset_and_never_a_fin(relay_to):
    near = relay_to(f"tcp://127.0.0.1:{free_port()},tcp://127.0.0.1:{free_port()}")
    expect_reset_session(near.port)
    eventually(near.failures, "a close record")
    assert near.failures()[0] in ("no_upstream", "connect_refused"), near.log()


def test_every_target_silent_is_a_reset_within_the_total_budget(hosts, start_ambassador):
    for name in ("first", "second"):
        hosts[name].firewall("-A", "INPUT", "-p", "tcp", "--syn", "-j", "DROP")
    near = start_with_both(start_ambassador, hosts, "?connect_timeout=300ms&connect_total=1s")
    with hosts["near"].call(Peer.connect, PORT) as consumer:
        consumer.send(b"early bytes")
        consumer.expect_reset()
    eventually(near.failures, "a close record")
    assert near.failures()[0] in ("no_upstream", "connect_timeout"), near.log()


def test_every_target_is_tried_at_most_twice_for_one_consumer(hosts, start_ambassador):
    for name in ("first", "second"):
        hosts[name].firewall("-A", "INPUT", "-p", "tcp", "--syn", "-j", "REJECT", "--reject-with", "tcp-reset")
    near = start_with_both(start_ambassador, hosts)
    with hosts["near"].call(Peer.connect, PORT) as consumer:
        consumer.expect_reset()
    near.wait_failures("no_upstream")
    for name in ("first", "second"):
        rule = hosts[name].run("iptables", "-nvxL", "INPUT").splitlines()[2]
        assert int(rule.split()[0]) == 2, rule


def test_a_request_is_never_replayed_to_another_target(relay_to):
    with Service() as first, Service() as second:
        near = relay_to(f"{first.url},{second.url}")
        with Peer.connect(near.port) as consumer:
            consumer.send(b"0123456789 and more")
            peer = first.accept()
            peer.expect(b"0123456789")
            peer.reset()
            consumer.expect_reset()
        second.expect_nobody()
        near.wait_failures("upstream_reset")


def test_a_thousand_refused_sessions_leave_a_thousand_records(relay_to):
    near = relay_to(f"tcp://127.0.0.1:{free_port()}?connect_retries=0")
    for _ in range(1000):
        expect_reset_session(near.port)
    near.wait_failures(*["connect_refused"] * 1000)

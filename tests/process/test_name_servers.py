# SPDX-License-Identifier: Apache-2.0
"""Targets that a DNS server knows (dnsmasq, in a namespace): changing answers, short TTLs, and a server that fails."""

import socket
import threading

import pytest

from support.network import private_etc
from support.peer import Peer, Service
from support.poll import eventually
from support.servers import Dnsmasq

PORT, UPSTREAM_PORT = 6379, 7000
FIRST, SECOND = "127.0.0.2", "127.0.0.3"
RCODE_SERVFAIL = 2


class FailingNameServer:
    """Answers every question with SERVFAIL, as a server does that has lost its own upstream."""

    def __init__(self):
        self.questions = 0
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 53))
        threading.Thread(target=self._answer, daemon=True).start()

    def _answer(self):
        while True:
            question, sender = self.socket.recvfrom(4096)
            self.questions += 1
            flags = (0x8180 | RCODE_SERVFAIL).to_bytes(2, "big")
            self.socket.sendto(question[:2] + flags + question[4:6] + bytes(6) + question[12:], sender)


@pytest.fixture
def host(network):
    return network.host("near")


@pytest.fixture
def dnsmasq(server, host):
    return server(Dnsmasq(on=host, records={"harbour.test": FIRST}))


@pytest.fixture
def near(start_ambassador, host, dnsmasq, tmp_path):
    hosts, resolv_conf = tmp_path / "hosts", tmp_path / "resolv.conf"
    hosts.write_text("127.0.0.1 localhost\n")
    resolv_conf.write_text("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
    return start_ambassador(prefix=[*host.prefix, *private_etc(hosts=hosts, resolv_conf=resolv_conf)],
                            env={f"SVC_PORT_{PORT}_TCP": f"tcp://harbour.test:{UPSTREAM_PORT}"})


@pytest.fixture
def services(host):
    with host.call(Service, FIRST, UPSTREAM_PORT) as first, host.call(Service, SECOND, UPSTREAM_PORT) as second:
        yield first, second


def reaches(host, upstream):
    """Whether a new session ends up at this service."""
    with host.call(Peer.connect, PORT) as consumer:
        consumer.send(b"x")
        try:
            with upstream.accept(within=5) as peer:
                peer.expect(b"x")
                return True
        except TimeoutError:
            return False


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


def test_the_last_good_answer_is_kept_while_the_server_is_gone(host, near, dnsmasq, services):
    first, _ = services
    eventually(lambda: reaches(host, first), "the first answer is used")
    dnsmasq.end()
    near.wait_event("resolve_failed", within=30)
    for _ in range(5):
        assert reaches(host, first)
    assert near.failures() == []


def test_the_last_good_answer_is_kept_while_the_server_says_servfail(host, near, dnsmasq, services):
    first, second = services
    eventually(lambda: reaches(host, first), "the first answer is used")
    dnsmasq.end()
    failing = host.call(FailingNameServer)
    near.wait_event("resolve_failed", within=30)
    assert failing.questions > 0
    for _ in range(5):
        assert reaches(host, first)
    assert near.failures() == []


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

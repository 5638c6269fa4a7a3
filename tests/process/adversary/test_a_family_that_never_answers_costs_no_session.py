# SPDX-License-Identifier: Apache-2.0
"""A name server that never answers one of the two families, and what is no answer at all."""

import pytest

from support.name_server import A, AAAA, NameServer
from support.names import FIRST, SECOND, UPSTREAM_PORT, Names, link_to, reaches
from support.peer import Service
from support.poll import eventually


@pytest.fixture
def host(network):
    return network.host("near")


@pytest.fixture
def services(host):
    with host.call(Service, FIRST, UPSTREAM_PORT) as first, host.call(Service, SECOND, UPSTREAM_PORT) as second:
        yield first, second


class Moving:
    """Answers A with `address`, good for ten minutes; what it says to AAAA is `other`, by default nothing."""

    def __init__(self, other=lambda question: None):
        self.address, self.other = FIRST, other

    def __call__(self, question):
        return question.addresses(self.address, ttl=600) if question.type == A else self.other(question)


@pytest.fixture
def start(start_ambassador, host, tmp_path):
    def start(script):
        name_server = host.call(NameServer, script)
        near = start_ambassador(prefix=[*host.prefix, *Names(tmp_path).prefix],
                                env=link_to(f"tcp://harbour.test:{UPSTREAM_PORT}"))
        return near, name_server
    return start


def test_the_session_that_finds_its_provider_gone_is_served_while_aaaa_is_never_answered(start, host, services):
    script = Moving()
    near, name_server = start(script)
    eventually(lambda: reaches(host, services[0]), "the first answer is used")
    services[0].close()
    script.address = SECOND
    asked = name_server.asked["harbour.test", AAAA]
    assert reaches(host, services[1])
    assert name_server.asked["harbour.test", AAAA] <= asked + 2, "nobody waited until it was asked for again and again"
    assert near.failures() == []


def echo(question):
    return question.message


def cut(question):
    return question.addresses(FIRST, "::1")[:-1] if question.type == AAAA else None


@pytest.mark.parametrize("junk", [echo, cut])
def test_an_echo_and_what_was_cut_on_the_way_are_no_answers(start, host, services, junk):
    def script(question):
        return [junk(question) or question.message, question.addresses(FIRST)]
    near, _ = start(script)
    eventually(lambda: reaches(host, services[0]), "the answer behind it is used")
    assert near.events("resolve_failed") == []


def test_a_name_of_nothing_but_link_local_addresses_is_told_as_such(start, host):
    near, _ = start(lambda question: question.addresses("169.254.1.1", "fe80::1"))
    reasons = []

    def told():
        reasons[:] = [event["error"] for event in near.events("endpoint_refused")]
        return len(reasons) == 2
    eventually(told, lambda: f"both are told, only {reasons}")
    assert all("link-local" in reason for reason in reasons)

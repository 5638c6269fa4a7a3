# SPDX-License-Identifier: Apache-2.0
"""A domain of the search list that fails, or is silent, ends no look-up and freezes no name."""

import pytest

from support.name_server import NOERROR, NOTIMP, NXDOMAIN, REFUSED, SERVFAIL, NameServer
from support.names import FIRST, SECOND, UPSTREAM_PORT, Names, link_to, reaches
from support.peer import Service
from support.poll import eventually

SILENT = None


@pytest.fixture
def host(network):
    return network.host("near")


@pytest.fixture
def services(host):
    with host.call(Service, FIRST, UPSTREAM_PORT) as first, host.call(Service, SECOND, UPSTREAM_PORT) as second:
        yield first, second


class Zones:
    """Knows `name` alone; what ends in bad.test is answered with `rcode`, or not at all."""

    def __init__(self, name, rcode=NOERROR):
        self.name, self.rcode, self.address = name, rcode, FIRST

    def __call__(self, question):
        if question.name == self.name:
            return question.addresses(self.address)
        if question.name.endswith("bad.test") and self.rcode != NOERROR:
            return self.rcode and question.reply(rcode=self.rcode)
        return question.reply(rcode=NXDOMAIN)


@pytest.fixture
def start(start_ambassador, host, tmp_path):
    def start(zones, search="bad.test good.test"):
        host.call(NameServer, zones)
        names = Names(tmp_path)
        names.resolv_conf.write_text(f"nameserver 127.0.0.1\nsearch {search}\noptions ndots:5\n")
        return start_ambassador(prefix=[*host.prefix, *names.prefix],
                                env=link_to(f"tcp://alias:{UPSTREAM_PORT}?max_ttl=1s"))
    return start


@pytest.mark.parametrize("rcode", [SERVFAIL, REFUSED, NOTIMP, SILENT], ids=["servfail", "refused", "notimp", "silence"])
@pytest.mark.parametrize("name", ["alias.good.test", "alias"])
def test_the_next_domain_and_the_name_as_it_stands_are_asked_for(start, host, services, name, rcode):
    near = start(Zones(name, rcode))
    eventually(lambda: reaches(host, services[0]), "the name is found", within=30)
    assert near.events("resolve_failed") == []


@pytest.mark.parametrize("rcode", [SERVFAIL, SILENT], ids=["servfail", "silence"])
def test_a_domain_that_begins_to_fail_does_not_freeze_a_name_that_moves(start, host, services, rcode):
    zones = Zones("alias")
    near = start(zones)
    eventually(lambda: reaches(host, services[0]), "the first answer is used")
    zones.rcode, zones.address = rcode, SECOND
    near.wait_event("moved", within=30)
    assert reaches(host, services[1])


@pytest.mark.parametrize("search", [".", "a..b .. .", "bad.test ."])
def test_a_malformed_domain_is_passed_over(start, host, services, search):
    start(Zones("alias"), search)
    eventually(lambda: reaches(host, services[0]), "the name is found")

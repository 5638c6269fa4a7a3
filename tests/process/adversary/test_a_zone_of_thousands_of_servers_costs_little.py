# SPDX-License-Identifier: Apache-2.0
"""Zones that name thousands of servers and addresses, good for no time, are followed within bounds."""

import collections
import functools
import itertools

import pytest

from support import processes
from support.control import Control
from support.name_server import A, SRV, NameServer
from support.names import FIRST, PORT, UPSTREAM_PORT, Names, link_to, reaches
from support.peer import Service
from support.poll import eventually

MOST_ENDPOINTS, MOST_SERVERS = 256, 64
FAIR_SHARES = [MOST_ENDPOINTS // MOST_SERVERS] * MOST_SERVERS
ADDRESSES_OF_A_SERVER = 250
SERVICE = "_svc._tcp.test"
MODEST_CPU_SHARE = 0.4


@pytest.fixture
def host(network):
    return network.host("near")


@pytest.fixture
def start(start_ambassador, host, tmp_path):
    def start(target):
        names, path = Names(tmp_path), tmp_path / "control.sock"
        names.resolv_conf.write_text("nameserver 127.0.0.1\noptions timeout:20\n")  # the server is a slow one
        near = start_ambassador(prefix=[*host.prefix, *names.prefix],
                                env={**link_to(target), "AMBASSADOR_CONTROL": str(path)})
        near.control = Control(path)
        return near
    return start


@functools.cache
def addresses(host):
    """Its own, that no other server has: those that several had would be one endpoint each."""
    return [f"{network_of(host)}.{i + 1}" for i in range(ADDRESSES_OF_A_SERVER)]


def network_of(host):
    number = int(host.removeprefix("server-").removesuffix(".test"))
    return f"127.{number // 200 + 1}.{number % 200}"


def turned(addresses, turns=itertools.count(step=7)):
    """In another order each time, as a server's round robin has it."""
    at = next(turns) % len(addresses)
    return addresses[at:] + addresses[:at]


def large_service(question):
    if question.type == SRV:
        return question.servers(*((i % 3, 1, UPSTREAM_PORT, f"server-{i}.test") for i in range(1200)))
    return question.addresses(*turned(addresses(question.name)))


def shares(link):
    """How many endpoints each server has."""
    return list(collections.Counter(one["address"].rpartition(".")[0] for one in link["endpoints"]).values())


@pytest.mark.shipped
def test_1200_servers_of_250_addresses_that_are_good_for_a_second(start, host):
    name_server = host.call(NameServer, large_service)
    near = start(f"srv://{SERVICE}")
    event = near.wait_event("endpoints_left_out", within=200)
    assert (event["link"], event["most"]) == ("svc", MOST_ENDPOINTS)
    eventually(lambda: shares(near.control.link()) == FAIR_SHARES, "every server has its part", within=200)

    def asked_again():
        assert shares(near.control.link()) == FAIR_SHARES, "none loses them while it is asked again"
        return sum(asked for (_, kind), asked in name_server.asked.items() if kind == A) > 200
    eventually(asked_again, "its hosts have been asked for again", within=200)
    assert processes.cpu_share(near.pid, window_s=3.0) < MODEST_CPU_SHARE
    link = near.control.link()
    assert shares(link) == FAIR_SHARES
    assert link["endpoints_left_out"] == MOST_SERVERS * ADDRESSES_OF_A_SERVER - MOST_ENDPOINTS
    assert len(near.events("endpoints_left_out")) == 1, "told once"


def test_one_name_of_4000_addresses_leaves_the_other_target_its_place(start, host):
    flood = [f"127.9.{i // 250}.{i % 250 + 1}" for i in range(4000)]

    def script(question):
        if question.name == "flood.test":
            return question.addresses(*flood)
        return question.addresses(FIRST)
    host.call(NameServer, script)
    near = start(f"tcp://flood.test:{UPSTREAM_PORT},tcp://harbour.test:{UPSTREAM_PORT}")
    with host.call(Service, FIRST, UPSTREAM_PORT) as first:
        eventually(lambda: len(near.control.link()["endpoints"]) == MOST_ENDPOINTS, "as many as there may be",
                   within=100)
        assert f"{FIRST}:{UPSTREAM_PORT}" in [one["address"] for one in near.control.link()["endpoints"]]
        assert reaches(host, first, PORT)

# SPDX-License-Identifier: Apache-2.0
"""A peer that vanishes without a word is found by bytes that nobody acknowledges, one that only waits is left alone."""

import pytest

from support import processes
from support.bytes import MIB, noise
from support.peer import Peer, Service
from support.poll import eventually

PORT = 7000


@pytest.fixture
def hosts(network):
    hosts = {name: network.host(name) for name in ("consumer", "near", "service")}
    network.lan(*hosts.values())
    return hosts


def session(start_ambassador, hosts, options):
    near = start_ambassador(prefix=hosts["near"].prefix, env={
        f"SVC_PORT_{PORT}_TCP": f"tcp://{hosts['service'].address}:{PORT}?{options}"})
    listening = hosts["service"].call(Service, hosts["service"].address, PORT)
    consumer = hosts["consumer"].call(Peer.connect, PORT, hosts["near"].address)
    upstream = listening.accept()
    consumer.send(b"hello")
    upstream.expect(b"hello")
    upstream.send(b"hello back")
    consumer.expect(b"hello back")
    listening.close()
    return near, consumer, upstream


def cut_off(host):
    for chain in ("INPUT", "OUTPUT"):
        host.firewall("-A", chain, "-p", "tcp", "-j", "DROP")


def test_a_service_that_no_longer_acknowledges_is_dead_and_the_consumer_is_reset(hosts, start_ambassador):
    near, consumer, upstream = session(start_ambassador, hosts, "dead_peer=2s")
    cut_off(hosts["service"])
    consumer.send(b"into the void")
    consumer.expect_reset()
    near.wait_failures("upstream_dead")
    consumer.close()
    upstream.close()


def test_a_consumer_that_no_longer_acknowledges_is_dead_and_the_service_is_reset(hosts, start_ambassador):
    near, consumer, upstream = session(start_ambassador, hosts, "dead_peer=2s")
    cut_off(hosts["consumer"])
    upstream.send(b"into the void")
    upstream.expect_reset()
    near.wait_failures("client_dead")
    consumer.close()
    upstream.close()


def test_keepalive_watches_both_legs_of_an_idle_session(hosts, start_ambassador):
    near, consumer, upstream = session(start_ambassador, hosts, "dead_peer=60s")

    def watched():
        lines = hosts["near"].run("ss", "-Htno", "state", "established").splitlines()
        return len([line for line in lines if "timer:(keepalive," in line]) == 2
    eventually(watched, lambda: hosts["near"].run("ss", "-tno"))
    consumer.close()
    upstream.close()


@pytest.mark.minutes
def test_keepalive_finds_an_idle_service_that_vanished_and_calls_it_dead(hosts, start_ambassador):
    near, consumer, upstream = session(start_ambassador, hosts, "dead_peer=60s")
    cut_off(hosts["service"])
    eventually(near.failures, lambda: "no session has failed", within=200)
    near.wait_failures("upstream_dead")
    consumer.expect_reset()
    consumer.close()
    upstream.close()


def test_a_session_idle_for_longer_than_it_may_be_is_reset_on_both_sides(hosts, start_ambassador):
    near, consumer, upstream = session(start_ambassador, hosts, "idle_timeout=2s")
    consumer.expect_reset()
    upstream.expect_reset()
    near.wait_failures("idle_timeout")
    consumer.close()
    upstream.close()


def test_an_idle_session_whose_peers_live_stays_up(hosts, start_ambassador):
    near, consumer, upstream = session(start_ambassador, hosts, "dead_peer=1s")
    consumer.expect_nothing(within=4)
    upstream.send(b"after a long silence")
    consumer.expect(b"after a long silence")
    assert near.failures() == []
    consumer.close()
    upstream.close()


def test_a_consumer_that_does_not_read_is_alive_and_gets_everything_later(hosts, start_ambassador):
    """Its window is closed but its kernel acknowledges every probe: stopped is not dead."""
    near, consumer, upstream = session(start_ambassador, hosts, "dead_peer=1s")
    data = noise(24 * MIB, seed=27)
    sending = upstream.send_in_background(data)
    assert processes.cpu_share(near.pid, window_s=5.0) < 0.1, "waits for the window without spinning"
    assert near.failures() == []
    assert consumer.receive(len(data)) == data
    sending.result()
    consumer.close()
    upstream.close()


def test_a_side_that_never_ends_is_reset_when_the_half_closed_session_is_silent_too_long(hosts, start_ambassador):
    near, consumer, upstream = session(start_ambassador, hosts, "half_close_timeout=3s")
    consumer.finish()
    upstream.expect_fin()
    for _ in range(3):
        upstream.send(b"progress")
        consumer.expect(b"progress")
        consumer.expect_nothing(within=1.0)
    consumer.expect_reset()
    near.wait_failures("halfclose_timeout")
    consumer.close()
    upstream.close()

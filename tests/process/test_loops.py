# SPDX-License-Identifier: Apache-2.0
"""An ambassador wired to itself, by any spelling, is refused; a loop over two of them stops at the session limit."""

import socket

import pytest

from support.ambassador import run_to_end
from support.network import needs_namespaces, private_etc
from support.peer import Peer, Service, echo, expect_reset_session
from support.poll import eventually
from support.ports import free_port
ATTEMPTS = 2000


def own_address():
    """This host's address towards the world; nothing is sent by connecting a datagram socket."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            pytest.skip("this host has no address but loopback")
        return probe.getsockname()[0]


SPELLINGS = {
    "loopback": lambda: "127.0.0.1", "another_loopback": lambda: "127.9.9.9", "any_ipv4": lambda: "0.0.0.0",
    "any_ipv6": lambda: "[::]", "loopback_ipv6": lambda: "[::1]", "mapped": lambda: "[::ffff:127.0.0.1]",
    "mapped_any": lambda: "[::ffff:0.0.0.0]", "own_address": own_address, "localhost": lambda: "localhost",
    "own_hostname": socket.gethostname,
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_target_that_is_the_own_listener_is_refused_before_anything_opens(spelling):
    port = free_port()
    outcome = run_to_end(env={f"SVC_PORT_{port}_TCP": f"tcp://{SPELLINGS[spelling]()}:{port}"})
    assert outcome.code == 64, outcome
    assert f"SVC_PORT_{port}_TCP" in outcome.err
    assert not outcome.records.of("listening"), outcome


def test_a_target_that_is_the_listener_of_another_link_of_the_same_process_is_refused():
    one, two = free_port(), free_port()
    outcome = run_to_end(env={f"A_PORT_{one}_TCP": f"tcp://127.0.0.1:{two}", f"B_PORT_{two}_TCP": "tcp://10.0.0.1:1"})
    assert outcome.code == 64, outcome
    assert f"A_PORT_{one}_TCP" in outcome.err


@needs_namespaces()
@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "own"])
def test_a_name_that_resolves_to_the_own_listener_is_refused_when_it_resolves(start_ambassador, tmp_path, address):
    hosts = tmp_path / "hosts"
    hosts.write_text(f"127.0.0.1 localhost\n{own_address() if address == 'own' else address} harbour\n")
    port = free_port()
    near = start_ambassador(env={f"SVC_PORT_{port}_TCP": f"tcp://harbour:{port}"}, prefix=private_etc(hosts=hosts))
    expect_reset_session(port)
    eventually(near.failures, "a close record")
    assert near.failures() == ["no_upstream"], near.log()
    refused = near.wait_event("endpoint_refused", link="svc")
    assert refused["name"] == "harbour" and "own listener" in refused["error"]


def test_a_loop_over_two_ambassadors_with_few_places_is_survived(start_ambassador, service):
    """A leads to B, B leads back to A: one consumer would otherwise take every descriptor of the host. Where there are
    places enough it is found earlier: adversary/test_ambassadors_that_lead_to_each_other.py."""
    limits = {"AMBASSADOR_MAX_SESSIONS": "5"}
    a_port, b_port, good = free_port(), free_port(), free_port()
    a = start_ambassador(env=limits | {f"LOOP_PORT_{a_port}_TCP": f"tcp://127.0.0.1:{b_port}",
                                       f"GOOD_PORT_{good}_TCP": service.serve(echo).url})
    b = start_ambassador(env=limits | {f"LOOP_PORT_{b_port}_TCP": f"tcp://127.0.0.1:{a_port}"})
    with Peer.connect(a_port) as peer:
        peer.send(b"round and round")
        eventually(lambda: "loop" in a.log() + b.log(), lambda: f"a suspected loop is named:\n{a.log()}\n{b.log()}")
        assert a.alive() and b.alive()
        with Peer.connect(good) as other:
            other.send(b"a place is left")
            other.expect(b"a place is left")
        peer.reset()
    with Peer.connect(good) as peer:
        peer.send(b"recovered")
        peer.expect(b"recovered")


def test_connecting_to_nobody_in_the_ephemeral_range_never_connects_to_itself(network, start_ambassador):
    """On loopback the kernel may choose the target's port as the caller's own and connect it to itself. In a
    namespace whose whole ephemeral range is eight ports that is likely every time, not once in 28,000 times."""
    host = network.host("near")
    host.run("sysctl", "-qw", "net.ipv4.ip_local_port_range=40000 40007")
    near = start_ambassador(prefix=host.prefix, env={
        "SVC_PORT_7000_TCP": "tcp://127.0.0.1:40004?connect_timeout=200ms&connect_retries=0"})

    def connect_many():
        for number in range(ATTEMPTS):
            expect_reset_session(7000, "127.0.0.1", source_port=20000 + number)  # leaves the range to the ambassador

    host.call(connect_many, within=120)
    later = host.call(Service, "127.0.0.1", 40004)
    with later, host.call(Peer.connect, 7000) as consumer, later.accept() as upstream:
        consumer.send(b"now there is")
        upstream.expect(b"now there is")
    assert set(near.failures()) <= {"connect_refused", "no_upstream", "limit"}, set(near.failures())

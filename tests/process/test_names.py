# SPDX-License-Identifier: Apache-2.0
"""Targets given by name: the start never waits for one, and sessions follow the hosts file as it changes."""

import pytest

from support.ambassador import run_to_end
from support.network import needs_namespaces, private_etc
from support.peer import Peer, Service, echo, expect_reset_session
from support.poll import eventually
from support.ports import free_port

pytestmark = needs_namespaces()


@pytest.fixture
def etc(tmp_path):
    """A private /etc/hosts, and a resolver that nobody answers for: port 53 of an address that refuses."""
    hosts, resolv_conf = tmp_path / "hosts", tmp_path / "resolv.conf"
    hosts.write_text("127.0.0.1 localhost\n")
    resolv_conf.write_text("nameserver 127.0.0.1\n")
    return hosts, private_etc(hosts=hosts, resolv_conf=resolv_conf)


def served(port, word=b"hello"):
    """Whether a whole exchange works now; a reset means not yet."""
    with Peer.connect(port) as peer:
        peer.send(word)
        try:
            return peer.receive(len(word)) == word
        except (ConnectionResetError, BrokenPipeError):
            return False


def test_it_starts_although_a_name_does_not_resolve_and_says_so(relay_to, etc):
    hosts, prefix = etc
    near = relay_to("tcp://harbour.invalid:6379", prefix=prefix)
    assert "harbour.invalid" in str(near.wait_event("resolve_failed"))
    expect_reset_session(near.port)
    near.wait_failures("no_upstream")


def test_a_name_that_appears_in_the_hosts_file_later_works_without_a_restart(relay_to, service, etc):
    hosts, prefix = etc
    service.serve(echo)
    near = relay_to(f"tcp://harbour:{service.port}", prefix=prefix)
    near.wait_event("resolve_failed")
    hosts.write_text("127.0.0.1 localhost\n127.0.0.1 harbour\n")
    eventually(lambda: served(near.port), "the name is served", within=60, every=0.2)


def test_a_name_that_moves_in_the_hosts_file_is_followed(relay_to, etc):
    hosts, prefix = etc
    hosts.write_text("127.0.0.1 localhost\n127.0.0.2 harbour\n")
    port = free_port()
    with Service("127.0.0.2", port) as first, Service("127.0.0.3", port) as second:
        near = relay_to(f"tcp://harbour:{port}", prefix=prefix)
        with Peer.connect(near.port) as consumer, first.accept() as old:
            hosts.write_text("127.0.0.1 localhost\n127.0.0.3 harbour\n")
            moved = near.wait_event("moved", within=90)
            assert "127.0.0.2" in moved["was"] and "127.0.0.3" in moved["now"]
            with Peer.connect(near.port), second.accept():
                old.send(b"an old session stays where it is")
                consumer.expect(b"an old session stays where it is")


def test_a_refused_connect_makes_the_same_session_look_again_and_follow(relay_to, etc):
    """Redis has moved and the hosts file says so: not even the first consumer after that is turned away."""
    hosts, prefix = etc
    hosts.write_text("127.0.0.1 localhost\n127.0.0.2 harbour\n")
    port = free_port()
    near = relay_to(f"tcp://harbour:{port}", prefix=prefix)
    expect_reset_session(near.port)  # so the old address is known, and nobody is there
    with Service("127.0.0.3", port).serve(echo):
        hosts.write_text("127.0.0.1 localhost\n127.0.0.3 harbour\n")
        assert served(near.port)


def test_a_name_with_both_families_reaches_whichever_answers(relay_to, etc):
    hosts, prefix = etc
    hosts.write_text("127.0.0.1 localhost\n::1 harbour\n127.0.0.1 harbour\n")
    for host in ("127.0.0.1", "::1"):
        with Service(host).serve(echo) as listening:
            near = relay_to(f"tcp://harbour:{listening.port}", prefix=prefix)
            eventually(lambda: served(near.port), f"served on {host}")


def test_without_variables_the_hosts_file_names_the_links(start_ambassador, network, tmp_path):
    """Docker Engine 29 and later: no link variables, only an entry per linked container."""
    ambassador_host, redis_host = network.host("ambassador"), network.host("redis")
    network.lan(ambassador_host, redis_host)
    hosts = tmp_path / "hosts"
    hosts.write_text(f"127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\n"
                     f"ff02::1\tip6-allnodes\n{redis_host.address}\tredis 4f5e6d7c8b9a redis_1\n"
                     f"{ambassador_host.address}\t0a1b2c3d4e5f\n")
    near = start_ambassador(prefix=[*ambassador_host.prefix, *private_etc(hosts=hosts)])
    assert "/etc/hosts:5" in near.events("listening")[0]["from"]
    upstream = redis_host.call(Service, redis_host.address, 6379)
    with upstream.serve(echo):
        ambassador_host.call(served, 6379)


def test_without_anything_to_link_the_message_names_docker_29_and_the_ways_out(etc):
    outcome = run_to_end(prefix=etc[1])
    assert outcome.code == 64
    assert "29" in outcome.err and "DOCKER_KEEP_DEPRECATED_LEGACY_LINKS_ENV_VARS" in outcome.err

# SPDX-License-Identifier: Apache-2.0
"""One link leads elsewhere, now: new sessions follow at once, and those that are up meet the fate that was asked for."""

import pytest

from support.peer import Peer, Service, echo
from support.poll import eventually
from support.ports import free_port
from support.redis import ping, port_behind
from support.servers import Redis


@pytest.fixture
def two_redis(server):
    return server(Redis()), server(Redis())


def test_new_sessions_follow_at_once_and_old_ones_go_on(steered_to, two_redis):
    old, new = two_redis
    near = steered_to(old.url)
    with Peer.connect(near.port) as before:
        ping(before)
        answer = near.control.rewire(new.url)
        assert answer["steps"] == [{"kind": "change", "link": "svc",
                                    "details": [f"upstream {old.url} -> {new.url}"]}]
        assert port_behind(near.port) == new.port
        ping(before)
    rewired = near.wait_event("rewired")
    assert (rewired["was"], rewired["now"], rewired["existing"]) == (old.url, new.url, "keep")


def test_cut_resets_who_is_elsewhere_and_nobody_else(steered_to, two_redis):
    old, new = two_redis
    near = steered_to(f"{old.url},{new.url}?policy=round_robin", env={"AMBASSADOR_WORKERS": "1"})
    with Peer.connect(near.port) as at_old, Peer.connect(near.port) as at_new:
        ping(at_old)
        ping(at_new)
        near.control.rewire(new.url, existing="cut")
        near.wait_failures("removed")
        ended = [peer for peer in (at_old, at_new) if not answers(peer)]
        assert len(ended) == 1
    near.wait_failures("removed")


def answers(peer):
    try:
        ping(peer)
    except (ConnectionResetError, AssertionError, BrokenPipeError):
        return False
    return True


def test_the_same_target_again_with_cut_ends_those_who_stayed_behind(steered_to, service):
    with Service() as other:
        near = steered_to(service.url)
        with Peer.connect(near.port) as consumer, service.accept():
            near.control.rewire(other.url)
            consumer.expect_nothing()
            near.control.rewire(other.url, existing="cut")
            consumer.expect_reset()
        near.wait_failures("removed")


def test_leading_a_link_where_it_leads_already_is_no_rewire(steered_to, service):
    near = steered_to(service.url)
    assert near.control.rewire(service.url)["was_applied"] is False
    assert near.control.link()["declared"] == []


def test_a_link_that_refuses_when_down_refuses_nobody_while_a_new_name_is_looked_up(steered_to, service):
    service.serve(echo)
    near = steered_to(f"{service.url}?unavailable=refuse&health_interval=100ms")
    eventually(lambda: near.control.link()["state"] == "up", "the link is up")
    for target in (f"tcp://localhost:{service.port}", f"tcp://127.0.0.1:{service.port}") * 10:
        near.control.rewire(target)
        near.note_baseline()
        with Peer.connect(near.port) as consumer:
            consumer.send(b"x")
            consumer.expect(b"x")


def test_a_link_that_refuses_when_down_refuses_nobody_while_new_endpoints_are_checked(steered_to, service):
    with Service() as other:
        for one in (service, other):
            one.serve(lambda peer: peer.socket.recv(1) and echo(peer))
        near = steered_to(f"{service.url}?unavailable=refuse&health_interval=10s")
        eventually(lambda: near.control.link()["state"] == "up", "the link is up")
        for target in (other, service) * 5:
            near.control.rewire(target.url)
            with Peer.connect(near.port) as consumer:
                consumer.send(b"-x")
                consumer.expect(b"x")


def test_drain_lets_who_is_elsewhere_go_on_for_so_long(steered_to, service):
    with Service() as other:
        near = steered_to(service.url)
        with Peer.connect(near.port) as consumer, service.accept() as provider:
            near.control.rewire(other.url, existing="drain=500ms")
            consumer.send(b"still here")
            provider.expect(b"still here")
            consumer.expect_reset()
        near.wait_failures("removed")


def test_the_last_word_counts_for_those_who_are_elsewhere(steered_to, service):
    with Service() as other, Service() as third:
        near = steered_to(service.url)
        with Peer.connect(near.port) as consumer, service.accept() as provider:
            near.control.rewire(other.url, existing="drain=300ms")
            near.control.rewire(third.url, existing="keep")
            consumer.expect_nothing(within=0.6)
            consumer.send(b"still here")
            provider.expect(b"still here")


def test_the_links_own_on_rewire_holds_when_nothing_else_is_said(steered_to, service):
    with Service() as other:
        near = steered_to(f"{service.url}?on_rewire=cut")
        with Peer.connect(near.port) as consumer, service.accept():
            near.control.rewire(other.url)
            consumer.expect_reset()
        near.wait_failures("removed")


def test_options_in_the_urls_hold_with_the_new_targets_and_go_with_them(steered_to, two_redis):
    old, new = two_redis
    near = steered_to(old.url)
    near.control.rewire(f"{new.url}?health=redis&health_interval=100ms")
    eventually(lambda: near.control.link()["endpoints"][0]["health"] == "up", "the new endpoint is checked")
    assert near.control.link()["declared"] == [old.url]
    near.control.change("PATCH", "/v1/links/svc", {"back": True})
    assert near.control.link()["endpoints"][0]["health"] == "unchecked"
    assert near.control.link()["declared"] == []
    assert port_behind(near.port) == old.port


def test_a_dry_run_changes_nothing(steered_to, two_redis):
    old, new = two_redis
    near = steered_to(old.url)
    answer = near.control.rewire(new.url, dry_run=True)
    assert answer["was_applied"] is False and len(answer["steps"]) == 1
    assert near.control.generation() == 1
    assert port_behind(near.port) == old.port


def test_a_name_is_looked_up_and_sessions_wait_for_it(steered_to, two_redis):
    old, new = two_redis
    near = steered_to(old.url)
    near.control.rewire(f"tcp://localhost:{new.port}")
    near.note_baseline()  # with the watch of the hosts file
    assert port_behind(near.port) == new.port


@pytest.mark.parametrize("url, word", [
    ("tcp://127.0.0.1:99999", "out of range"),
    ("http://127.0.0.1:80", "http"),
    ("tcp://127.0.0.1:1?polcy=first", "did you mean policy?"),
    ("tcp://127.0.0.1:1?listen=0.0.0.0", "not where it listens"),
    ("", "names no targets"),
])
def test_a_bad_target_is_turned_down_with_its_reason(steered_to, service, url, word):
    near = steered_to(service.url)
    status, answer = near.control.call("PATCH", "/v1/links/svc", {"upstream": url})
    assert status == 422
    assert any(word in problem["problem"] for problem in answer["problems"]) or word in answer["error"], answer
    assert near.control.generation() == 1


def test_a_link_cannot_be_led_back_to_us(steered_to, service):
    near = steered_to(service.url)
    status, answer = near.control.call("PATCH", "/v1/links/svc", {"upstream": f"tcp://127.0.0.1:{near.port}"})
    assert status == 422
    assert "is this ambassador itself" in answer["problems"][0]["problem"]


def test_an_unknown_link_is_not_found_and_the_nearest_is_named(steered_to, service):
    near = steered_to(service.url)
    status, answer = near.control.call("PATCH", "/v1/links/svz", {"upstream": service.url})
    assert status == 404
    assert "did you mean svc?" in answer["error"]


def test_a_consumer_that_is_still_connecting_goes_to_the_new_target(steered_to, service):
    dead = f"tcp://127.0.0.1:{free_port()}?unavailable=hold=20s"
    near = steered_to(dead)
    service.serve(echo)
    with Peer.connect(near.port) as consumer:
        consumer.send(b"where to?")
        near.control.rewire(f"{service.url}?unavailable=hold=20s")
        consumer.expect(b"where to?")

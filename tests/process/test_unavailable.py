# SPDX-License-Identifier: Apache-2.0
"""What a consumer meets while no endpoint is up, with a real redis that is killed and started again."""

import socket

import pytest

from support.peer import Background, Peer, expect_reset_session
from support.poll import eventually
from support.ports import free_port
from support.servers import Redis

CHECKED = "health=redis&health_interval=50ms&health_fall=1&health_rise=1"


def asks(port):
    """PONG, "refused" or "reset"."""
    try:
        with Peer.connect(port) as consumer:
            consumer.send(b"PING\r\n")
            return consumer.receive(7)
    except ConnectionRefusedError:
        return "refused"
    except (ConnectionResetError, BrokenPipeError):
        return "reset"


@pytest.fixture
def redis(server):
    return server(Redis())


def test_refuse_turns_consumers_away_by_the_kernel_and_serves_them_again(redis, relay_to):
    near = relay_to(f"{redis.url}?unavailable=refuse&{CHECKED}")
    eventually(lambda: asks(near.port) == b"+PONG\r\n", "the redis is found")
    for _ in range(3):
        ups = len(near.events("endpoint_up"))
        redis.end()
        near.wait_event("link_unavailable", link="svc")
        eventually(lambda: asks(near.port) == "refused", "consumers are refused")
        assert [asks(near.port) for _ in range(20)] == ["refused"] * 20
        redis.start()
        eventually(lambda: len(near.events("endpoint_up")) > ups, "the redis is found again")
        eventually(lambda: asks(near.port) == b"+PONG\r\n", "consumers are served")
        assert [asks(near.port) for _ in range(20)] == [b"+PONG\r\n"] * 20


def test_refuse_holds_its_port_while_it_refuses(relay_to):
    near = relay_to(f"tcp://127.0.0.1:{free_port()}?unavailable=refuse&{CHECKED}")
    near.wait_event("link_unavailable")
    eventually(lambda: asks(near.port) == "refused", "consumers are refused")
    with socket.socket(socket.AF_INET6) as other, pytest.raises(OSError):
        other.bind(("::", near.port))


def test_refuse_without_a_check_checks_by_connecting(redis, relay_to):
    near = relay_to(f"{redis.url}?unavailable=refuse&health_interval=50ms")
    assert near.wait_event("endpoint_up")["endpoint"] == f"127.0.0.1:{redis.port}"
    eventually(lambda: asks(near.port) == b"+PONG\r\n", "consumers are served")


def test_hold_keeps_a_consumer_waiting_until_there_is_an_endpoint(redis, relay_to):
    redis.end()
    near = relay_to(f"{redis.url}?unavailable=hold=60s&{CHECKED}")
    near.wait_event("link_unavailable")
    waiting = Background(asks, near.port)
    redis.start()
    assert waiting.result() == b"+PONG\r\n"
    assert near.failures() == []


def test_hold_needs_no_check(redis, relay_to):
    redis.end()
    near = relay_to(f"{redis.url}?unavailable=hold=60s")
    waiting = Background(asks, near.port)
    redis.start()
    assert waiting.result() == b"+PONG\r\n"


def test_hold_ends_in_a_reset_when_its_time_is_over(relay_to):
    near = relay_to(f"tcp://127.0.0.1:{free_port()}?unavailable=hold=500ms")
    expect_reset_session(near.port)
    near.wait_failures("connect_refused")


def test_reset_is_what_happens_otherwise(redis, relay_to):
    near = relay_to(f"{redis.url}?{CHECKED}")
    eventually(lambda: asks(near.port) == b"+PONG\r\n", "the redis is found")
    redis.end()
    near.wait_event("link_unavailable")
    assert asks(near.port) == "reset"
    near.wait_failures("no_upstream")

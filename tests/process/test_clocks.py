# SPDX-License-Identifier: Apache-2.0
"""A machine that has been up for over a year, or whose milliseconds just outgrow 32 bits: every timer runs as on the
first day."""

import datetime
import sys
from pathlib import Path

import pytest

from support.network import skip_without_namespaces
from support.peer import Peer, echo
from support.ports import free_port

LATER = Path(__file__).with_name("support") / "later.py"
UPTIMES = [
    pytest.param(400 * 86400.0, id="after_400_days"),
    pytest.param(2**31 / 1000 - 2, id="as_31_bits_of_milliseconds_run_out", marks=pytest.mark.minutes),
    pytest.param(2**32 / 1000 - 2, id="as_32_bits_of_milliseconds_run_out", marks=pytest.mark.minutes),
]


@pytest.fixture(params=UPTIMES)
def later(request, relay_to, service):
    def start(options, env=None):
        skip_without_namespaces()
        return relay_to(f"{service.url}?{options}", env=env, prefix=[sys.executable, str(LATER), str(request.param)])
    return start


def life_ms(near):
    return near.wait_event("session_failed")["life_ms"]


def test_a_session_lives_as_long_as_bytes_move_and_its_idle_timeout_comes_after(later, service):
    service.serve(echo)
    near = later("idle_timeout=1500ms")
    with Peer.connect(near.port) as peer:
        for _ in range(6):
            peer.send(b"x")
            peer.expect(b"x")
            peer.expect_nothing(within=0.5)
        peer.expect_reset()
    near.wait_failures("idle_timeout")
    assert 3000 < life_ms(near) < 60_000


def test_a_half_closed_session_is_given_up_after_its_time(later, service):
    near = later("half_close_timeout=1s")
    with Peer.connect(near.port) as consumer, service.accept() as upstream:
        consumer.finish()
        upstream.expect_fin()
        consumer.expect_nothing(within=0.5)
        consumer.expect_reset()
    near.wait_failures("halfclose_timeout")


def test_an_idle_session_without_a_timeout_stays_and_is_not_called_dead(later, service):
    service.serve(echo)
    near = later("dead_peer=1s")
    with Peer.connect(near.port) as peer:
        peer.expect_nothing(within=3)
        peer.send(b"x")
        peer.expect(b"x")
    assert near.failures() == []


def test_a_drain_has_its_whole_time_and_no_more(later, service):
    near = later("idle_timeout=0", env={"AMBASSADOR_DRAIN": "1500ms"})
    near.settles, near.expect_exit = False, 3
    with Peer.connect(near.port) as consumer, service.accept() as upstream:
        consumer.send(b"x")
        upstream.expect(b"x")
        near.process.terminate()
        consumer.expect_nothing(within=0.7)
        consumer.expect_reset()
    near.wait_failures("drain_deadline")
    near.wait_exit()


def test_the_log_tells_the_time_of_the_wall_and_not_of_the_machine(later, start_ambassador):
    near = later("idle_timeout=0")
    beside = start_ambassador(env={f"SVC_PORT_{free_port()}_TCP": "tcp://127.0.0.1:9"})
    times = [datetime.datetime.fromisoformat(one.wait_event("ready")["time"]) for one in (near, beside)]
    assert abs(times[0] - times[1]) < datetime.timedelta(hours=1)

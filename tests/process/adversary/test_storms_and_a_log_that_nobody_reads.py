# SPDX-License-Identifier: Apache-2.0
"""A storm of failures costs a handful of lines and is counted exactly; a terminal that nobody reads holds up no end."""

import os
import signal

import pytest

from support.api import Api
from support.peer import expect_reset_session
from support.poll import eventually
from support.ports import free_port
from support.prometheus import Scrape

STORM = 1000
TOLD_EACH = 5


def scrape(near):
    return Scrape(Api(near.control.path).ask("GET", "/metrics").body.decode())


def storm(near, sessions):
    for _ in range(sessions):
        expect_reset_session(near.port)


def test_a_storm_of_one_kind_is_a_few_lines_with_its_number(steered_to):
    near = steered_to(f"tcp://127.0.0.1:{free_port()}?connect_retries=0")
    storm(near, STORM)
    eventually(lambda: near.control.link()["closed"] == {"connect_refused": STORM}, "all are counted")
    [failure] = [one for one in near.control.get("/v1/links/svc/why")["failures"] if one["event"] == "session_failed"]
    assert failure["count"] == STORM
    assert scrape(near).value("amb_events_total", event="session_failed") == STORM
    near.signal(signal.SIGTERM)
    assert near.wait_exit() == 0
    counted = [line for line in near.events("session_failed") if "more" in line]
    assert len(near.failures()) == STORM, "each is told, or counted by one that is"
    assert len(near.events("session_failed")) - len(counted) == TOLD_EACH
    assert counted and all(line["more"] >= 1 and 1 <= line["within_s"] <= 10 for line in counted)


def test_whoever_asked_for_all_records_has_a_line_of_each(steered_to):
    near = steered_to(f"tcp://127.0.0.1:{free_port()}", env={"AMBASSADOR_RECORDS": "all"})
    storm(near, 30)
    eventually(lambda: len(near.events("session_failed")) == 30, "each has its line")


def test_failures_of_another_link_are_told_during_a_storm(start_ambassador):
    ports = free_port(), free_port()
    near = start_ambassador(env={f"{name}_PORT_{port}_TCP": f"tcp://127.0.0.1:{free_port()}"
                                 for name, port in zip(("A", "B"), ports)})
    near.port = ports[0]
    storm(near, 100)
    near.port = ports[1]
    storm(near, 1)
    near.wait_event("session_failed", link="b")


@pytest.mark.parametrize("name", ["TERM", "INT"])
def test_a_terminal_that_nobody_reads_holds_up_no_end(relay_to, name):
    ours, its = os.openpty()
    try:
        near = relay_to(f"tcp://127.0.0.1:{free_port()}", wait=False, stderr=its,
                        env={"AMBASSADOR_RECORDS": "all", "AMBASSADOR_LOG": "json"})
        def is_there():
            try:
                storm(near, 1)
                return True
            except ConnectionRefusedError:
                return False
        eventually(is_there, "it listens")
        storm(near, 200)  # more than a terminal takes that nobody reads
        near.signal(getattr(signal, f"SIG{name}"))
        assert near.wait_exit() == 0
    finally:
        os.close(ours)
        os.close(its)

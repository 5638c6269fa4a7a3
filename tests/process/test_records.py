# SPDX-License-Identifier: Apache-2.0
"""Which sessions leave a line when they end, and what it says."""

import json

import pytest

from support.ambassador import ROOT, run_to_end
from support.bytes import MIB, noise
from support.peer import Peer, echo, expect_reset_session
from support.poll import eventually
from support.ports import free_port

jsonschema = pytest.importorskip("jsonschema", reason="python3-jsonschema is missing")

RECORDS = ("session_ended", "session_failed")


def records(near):
    return [record for name in RECORDS for record in near.events(name)]


def ask(near, times=1):
    for _ in range(times):
        with Peer.connect(near.port) as consumer:
            consumer.send(b"hello")
            consumer.expect(b"hello")
            consumer.finish()
            consumer.expect_fin()


def fail(near):
    near.control.rewire(f"tcp://127.0.0.1:{free_port()}", force=True)
    expect_reset_session(near.port)


def closed(near):
    return near.control.link()["closed"]


def play(near, service, times):
    """So many sessions end well, then one fails; returns when all have been counted."""
    service.serve(echo)
    ask(near, times)
    fail(near)
    eventually(lambda: sum(closed(near).values()) == times + 1, "every session has ended")


@pytest.mark.parametrize("setting, ended, failed", [(None, 0, 1), ("errors", 0, 1), ("all", 20, 1), ("10%", 2, 1), ("off", 0, 0)])
def test_as_many_as_were_asked_for(steered_to, service, setting, ended, failed):
    env = {"AMBASSADOR_WORKERS": "1", **({"AMBASSADOR_RECORDS": setting} if setting else {})}
    near = steered_to(service.url, env=env)
    play(near, service, 20)
    eventually(lambda: len(near.events("session_ended")) >= ended and len(near.events("session_failed")) >= failed, "the lines")
    assert (len(near.events("session_ended")), len(near.events("session_failed"))) == (ended, failed)
    assert closed(near) == {"eof": 20, "connect_refused": 1}


def test_whoever_asks_why_hears_of_failures_that_left_no_line(steered_to, service):
    near = steered_to(service.url, env={"AMBASSADOR_RECORDS": "off"})
    play(near, service, 1)
    eventually(lambda: near.control.get("/v1/links/svc/why")["failures"], "the failure is remembered")
    assert near.control.get("/v1/links/svc/why")["failures"][0]["reason"] == "connect_refused"


def test_every_line_is_as_the_schema_says_and_true(steered_to, service):
    near = steered_to(service.url, env={"AMBASSADOR_RECORDS": "all"})
    play(near, service, 3)
    near.control.change("PATCH", "/v1/links/svc", {"back": True})
    data = noise(64 * MIB, seed=6)
    with Peer.connect(near.port) as consumer:  # long enough to be spliced, where the kernel may
        sending = consumer.send_in_background(data)
        consumer.expect(data)
        sending.result()
        consumer.finish()
        consumer.expect_fin()
    eventually(lambda: len(records(near)) == 5, "five lines")
    schema = json.loads((ROOT / "docs" / "record.schema.json").read_text(encoding="utf-8"))
    for record in records(near):
        jsonschema.validate(record, schema)
    small, large = near.events("session_ended")[0], near.events("session_ended")[3]
    assert (small["reason"], small["side"], small["relay"]) == ("eof", "both", "copy")
    assert (small["bytes_to_upstream"], small["bytes_to_downstream"]) == (5, 5)
    assert (large["bytes_to_upstream"], large["bytes_to_downstream"]) == (len(data), len(data))
    assert small["upstream"] == f"127.0.0.1:{service.port}"
    assert near.events("session_failed")[0]["side"] == "upstream"


@pytest.mark.parametrize("value", ["some", "101%", "%", "-1%"])
def test_anything_else_is_a_problem(value):
    outcome = run_to_end("127.0.0.1", "1", env={"AMBASSADOR_RECORDS": value})
    assert outcome.code == 64
    assert "off, errors, all" in outcome.err

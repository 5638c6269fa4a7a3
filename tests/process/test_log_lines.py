# SPDX-License-Identifier: Apache-2.0
"""The log: JSON lines into a pipe, text on a terminal, one physical line per event whatever foreign text is in it."""

import json
import os
import pty
import signal
import subprocess

import pytest

from support.ambassador import BINARY, environment, run_to_end
from support.peer import Peer, accepts, echo
from support.poll import eventually
from support.ports import free_port


def test_every_listener_is_logged_with_the_variable_that_asked_for_it(relay_to, service):
    near = relay_to(service.url)
    [listening] = near.events("listening")
    assert listening["link"] == "svc"
    assert listening["from"] == f"variable SVC_PORT_{near.port}_TCP"
    assert listening["address"] in (f"[::]:{near.port}", f"0.0.0.0:{near.port}")
    assert service.url in listening["targets"]
    [ready] = near.events("ready")
    assert ready["links"] == 1 and ready["version"] and ready["workers"] >= 1 and ready["max_sessions"] >= 1


def test_a_failed_session_is_one_record_with_its_sides_bytes_and_times(relay_to, service):
    near = relay_to(service.url)
    with Peer.connect(near.port) as consumer:
        own_address = "%s:%d" % consumer.socket.getsockname()[:2]
        consumer.send(b"12345")
        upstream = service.accept()
        upstream.expect(b"12345")
        upstream.send(b"123")
        consumer.expect(b"123")
        upstream.reset()
        consumer.expect_reset()
    near.wait_failures("upstream_reset")
    [record] = near.events("session_failed")
    assert own_address in record["downstream"]
    assert str(service.port) in record["upstream"]
    assert (record["bytes_to_upstream"], record["bytes_to_downstream"]) == (5, 3)
    assert record["life_ms"] >= record["connect_ms"] >= 0


def test_sessions_that_end_well_leave_no_record(relay_to, service):
    near = relay_to(service.url)
    for _ in range(20):
        with Peer.connect(near.port) as consumer, service.accept() as upstream:
            consumer.finish()
            upstream.expect_fin()
            upstream.finish()
            consumer.expect_fin()
    near.check_settled()
    assert {record["event"] for record in map(json.loads, near.records.lines)} <= {"listening", "ready", "note"}


def on_a_terminal(*words, env):
    """Runs the program with a terminal for stderr until it is ready, then stops it; returns what it wrote."""
    terminal, its_side = pty.openpty()
    process = subprocess.Popen([BINARY, *words], env=environment(env), stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=its_side, start_new_session=True)
    os.close(its_side)
    written = b""
    try:
        while b"ready" not in written:
            written += os.read(terminal, 4096)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)
        os.close(terminal)
    return written.decode()


def test_a_terminal_gets_text(service):
    port = free_port()
    written = on_a_terminal(env={f"SVC_PORT_{port}_TCP": service.url})
    first = written.splitlines()[0]
    assert "listening" in first and "link=svc" in first and not first.startswith("{"), written


def test_ambassador_log_chooses_the_form_whatever_stderr_is(service, start_ambassador):
    port = free_port()
    written = on_a_terminal(env={f"SVC_PORT_{port}_TCP": service.url, "AMBASSADOR_LOG": "json"})
    assert json.loads(written.splitlines()[0])["event"] == "listening"
    outcome = run_to_end(env={"AMBASSADOR_LOG": "text", "X_PORT_1_TCP": "nonsense://"})
    assert outcome.code == 64 and not outcome.err.startswith("{")


def test_the_level_keeps_lower_levels_out(service, start_ambassador):
    service.serve(echo)
    port = free_port()
    near = start_ambassador(env={f"SVC_PORT_{port}_TCP": service.url, "AMBASSADOR_LOG_LEVEL": "error"}, wait=False)
    eventually(lambda: accepts(port), "it listens")
    near.note_baseline()
    near.stop()
    assert [json.loads(line) for line in near.records.lines if json.loads(line)["level"] != "error"] == []


@pytest.mark.parametrize("form", ["json", "text"])
@pytest.mark.parametrize("foreign", ["a\nb", "a\r\nb", 'a"b', "a\x1b[31mb", "a\x00b".replace("\x00", "\x01"),
                                     "a\u2028b", "\udcff\udcfe", '","event":"ready', "x" * 4096],
                         ids=["newline", "crlf", "quote", "escape", "control", "line_separator", "not_utf8",
                              "forged_field", "long"])
def test_foreign_text_stays_inside_its_one_line(form, foreign):
    outcome = run_to_end(env={"EVIL_PORT_7000_TCP": f"tcp://{foreign}:1", "AMBASSADOR_LOG": form})
    assert outcome.code == 64
    assert not {"\x1b", "\r", "\x01", "\u2028"} & set(outcome.err)
    lines = outcome.err.splitlines()
    if form == "json":
        outcome.records.check()
        assert not outcome.records.of("ready")
    else:
        starts = ("ambassador: variable EVIL_PORT_7000_TCP: ", "  found: ", "  accepted: ", "Nothing was opened.")
        assert all(line.startswith(starts) for line in lines), outcome.err
    assert all(len(line) < 2000 for line in lines), "long foreign text is cut"

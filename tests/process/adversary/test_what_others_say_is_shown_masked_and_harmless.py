# SPDX-License-Identifier: Apache-2.0
"""An endpoint that quotes the password it was sent, and an answer to a command full of what steers a terminal."""

import json
import unicodedata

import pytest

from support.ambassador import run_to_end
from support.peer import Service
from support.poll import eventually

PASSWORD = "pw-4711-never-to-be-seen"
NASTY = "\x1b]0;owned\x07\x1b[2J\r\x9b31m\u202egnp.exe\u2066\u200f\x7f"


def quoting_redis(connection):
    """Repeats whatever it was asked, with colours."""
    asked = connection.socket.recv(65536).replace(b"\r\n", b" ")
    connection.send(b"-ERR you said " + asked + NASTY.encode() + b"\xff\xfe\r\n")


def assert_harmless(text):
    odd = [c for c in text if c != "\n" and (unicodedata.category(c) in ("Cc", "Cf") or c == "\ufffd")]
    assert odd == [], odd


@pytest.fixture
def quoted(steered_to, service):
    service.serve(quoting_redis)
    url = f"{service.url}?health=redis&health_password={PASSWORD}&health_interval=100ms&health_fall=1"
    ambassador = steered_to(url)
    ambassador.wait_event("endpoint_down")
    return ambassador


def test_a_password_that_the_endpoint_quotes_is_nowhere(quoted):
    reason = quoted.wait_event("endpoint_down")["reason"]
    assert "you said" in reason and "***" in reason, reason
    env = {"AMBASSADOR_CONTROL": quoted.control.path}
    eventually(lambda: "you said" in run_to_end("status", env=env).out, "the reason in the status")
    shown = [quoted.log()]
    for words in (["status"], ["status", "--json"], ["why", "svc"], ["why", "svc", "--json"]):
        outcome = run_to_end(*words, env=env)
        assert outcome.code == 0
        shown.append(outcome.out)
    shown.append(json.dumps(quoted.control.get("/v1/status"), ensure_ascii=False))
    shown.append(json.dumps(quoted.control.get("/v1/links/svc/why"), ensure_ascii=False))
    for text in shown:
        assert PASSWORD not in text, text
        assert_harmless(text)


@pytest.fixture
def impostor(tmp_path):
    """impostor(type, body): something of our own user at a socket, which answers so; an older version, for example."""
    path = str(tmp_path / "impostor.sock")
    with Service(path=path) as service:
        def answering(kind, body):
            def answer(connection):
                connection.socket.recv(65536)
                connection.send(f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nConnection: close\r\n"
                                f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
            service.serve(answer)
            return {"AMBASSADOR_CONTROL": path}

        yield answering


@pytest.mark.parametrize("words", [["status", "--json"], ["status"], ["sessions", "--json"], ["sessions"], ["why", "svc", "--json"],
                                   ["why", "svc"]], ids=" ".join)
def test_no_answer_steers_the_terminal(impostor, words):
    body = ('{"version":"%s","state":"%s","links":[{"name":"%s","state":"up"}],"sessions":[{"id":"%s"}],"link":"%s"}'
            % ((NASTY,) * 5)).encode() + b"\xff\xfe\n"
    outcome = run_to_end(*words, env=impostor("application/json", body))
    assert_harmless(outcome.out + outcome.err)


@pytest.mark.parametrize("words", [["events"], ["events", "--json"]], ids=" ".join)
def test_no_event_steers_the_terminal_and_json_stays_json(impostor, words):
    body = ('data: {"time":"x","level":"info","event":"note","text":"%s"}\n\n' % NASTY).encode()
    outcome = run_to_end(*words, env=impostor("text/event-stream", body))
    assert_harmless(outcome.out)
    assert json.loads(outcome.out)["text"] == NASTY, outcome

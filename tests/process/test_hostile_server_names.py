# SPDX-License-Identifier: Apache-2.0
"""What a TLS client asks for is foreign text: it stays within its field, its line and its bound. Failure case 52."""

import json

import pytest

from support.api import Api
from support.client_hello import client_hello
from support.peer import Peer, echo

LONGEST_BYTES = 256

HOSTILE = {
    "a line end": (b"a\nb", r"a\nb"),
    "a carriage return": (b"a\r\nb", r"a\r\nb"),
    "an escape sequence": (b"\x1b[31mred\x1b[0m", r"\x1b[31mred\x1b[0m"),
    "quotes": (b'a","reason":"eof","x":"', r'a\",\"reason\":\"eof\",\"x\":\"'),
    "a backslash": (b"a\\nb", r"a\\nb"),
    "a NUL": (b"a\0b", r"a\x00b"),
    "invalid UTF-8": (b"a\xff\xfeb", r"a\xff\xfeb"),
    "text from right to left": ("a\u202eb".encode(), r"a\xe2\x80\xaeb"),
    "letters of another script": ("пример".encode(), "пример"),
}


@pytest.fixture
def near(steered_to, service):
    service.serve(echo)
    return steered_to(service.url, env={"AMBASSADOR_RECORDS": "all"})


def say(near, hello):
    """A session that sends this, and has it back."""
    with Peer.connect(near.port) as consumer:
        consumer.send(hello)
        consumer.expect(hello)
        session, = near.control.get("/v1/sessions")["sessions"]
        consumer.finish()
        consumer.expect_fin()
    return session, near.wait_event("session_ended", protocol="tls")


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_with(near, name):
    sent, shown = HOSTILE[name]
    session, record = say(near, client_hello(sent, [sent]))
    assert record["reason"] == "eof"
    assert record["server_name"] == record["alpn"] == shown
    assert session["server_name"] == session["alpn"] == shown


def test_a_name_of_4_kib_is_cut(near):
    session, record = say(near, client_hello(b"x" * 4096))
    for shown in (record["server_name"], session["server_name"]):
        assert shown.startswith("x" * 200) and len(shown.encode()) <= LONGEST_BYTES


def test_a_name_that_grows_when_it_is_escaped_is_cut_too(near):
    _, record = say(near, client_hello(b"\x01" * 255))
    assert record["server_name"].endswith("…") and len(record["server_name"].encode()) <= LONGEST_BYTES


def test_a_line_is_one_line_of_json_whatever_the_name(near):
    for sent, _ in HOSTILE.values():
        with Peer.connect(near.port) as consumer:
            consumer.send(client_hello(sent))
            consumer.finish()
            consumer.receive_to_end()
    near.stop()
    lines = [json.loads(line) for line in near.log().splitlines()]
    assert len([line for line in lines if line["event"] == "session_ended"]) == len(HOSTILE)


def test_no_name_is_in_the_metrics(near):
    say(near, client_hello(b"secret.example"))
    assert b"secret" not in Api(near.control.path).ask("GET", "/metrics").body

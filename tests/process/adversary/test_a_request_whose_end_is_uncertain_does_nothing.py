# SPDX-License-Identifier: Apache-2.0
"""Requests whose end two readers could see in two places (RFC 9112, 6): each is refused, and nothing is done."""

import pytest

from support.api import Api
from support.hostile_http import TOKEN
from support.peer import Peer, echo
from support.ports import free_port

BODY = b"0\r\n\r\n"

FRAMINGS = {  # the fields, and the status
    "another coding": (["Transfer-Encoding: xchunked"], 501),
    "gzip before chunked": (["Transfer-Encoding: gzip, chunked"], 501),
    "chunked before identity": (["Transfer-Encoding: chunked, identity"], 501),
    "chunked twice": (["Transfer-Encoding: chunked, chunked"], 501),
    "two fields": (["Transfer-Encoding: chunked", "Transfer-Encoding: identity"], 501),
    "identity": (["Transfer-Encoding: identity"], 501),
    "no coding at all": (["Transfer-Encoding:"], 501),
    "a vertical tab": (["Transfer-Encoding: \x0bchunked"], 400),
    "a space before the colon": (["Transfer-Encoding : chunked"], 400),
    "a folded line": (["Transfer-Encoding:", " chunked"], 400),
    "both fields": (["Transfer-Encoding: chunked", "Content-Length: 5"], 400),
    "both the other way": (["Content-Length: 0", "Transfer-Encoding: chunked"], 400),
    "two lengths": (["Content-Length: 0", "Content-Length: 5"], 400),
    "one length twice": (["Content-Length: 5", "Content-Length: 5"], 400),
    "a list of lengths": (["Content-Length: 0, 0"], 400),
    "a sign": (["Content-Length: +0"], 400),
    "below nothing": (["Content-Length: -0"], 400),
    "in hexadecimal": (["Content-Length: 0x0"], 400),
    "more than 64 bits": (["Content-Length: 18446744073709551616"], 400),
    "an empty length": (["Content-Length:"], 400),
    "a bare CR": (["X: a\rContent-Length: 5"], 400),
    "a bare LF": (["X: a\nContent-Length: 5"], 400),
    "a NUL": (["X: a\0b"], 400),
    "two Hosts": (["Host: other"], 400),
}


@pytest.fixture
def drained(steered_to, service):
    port = free_port()
    ambassador = steered_to(service.serve(echo).url, env={"AMBASSADOR_ADMIN": f"127.0.0.1:{port}",
                                                          "AMBASSADOR_ADMIN_TOKEN": TOKEN})
    ambassador.admin = port
    return ambassador


def test_it_is_refused(drained):
    wrong = []
    for place in (drained.control.path, ("127.0.0.1", drained.admin)):
        for name, (fields, status) in FRAMINGS.items():
            lines = ["POST /v1/drain HTTP/1.1", f"Host: 127.0.0.1:{drained.admin}", f"Authorization: Bearer {TOKEN}",
                     "Content-Type: application/json", *fields]
            # What follows would be a request of its own for whoever sees another end.
            answer = Api(place).raw("\r\n".join(lines).encode() + b"\r\n\r\n" + BODY)
            state = drained.control.link()["state"]
            if not answer.startswith(f"HTTP/1.1 {status} ".encode()) or answer.count(b"HTTP/1.1 ") != 1 or state != "up":
                wrong.append((name, place, answer[:80], state))
    assert not wrong
    consumer = Peer.connect(drained.port)
    consumer.send(b"data")
    consumer.expect(b"data")
    consumer.close()


def test_http_1_0_knows_no_chunks(drained):
    answer = Api(drained.control.path).raw(b"POST /v1/drain HTTP/1.0\r\nContent-Type: application/json\r\n"
                                           b"Transfer-Encoding: chunked\r\n\r\n" + BODY)
    assert answer.startswith(b"HTTP/1.1 400 "), answer
    assert drained.control.link()["state"] == "up"


def test_what_is_framed_well_is_done(drained):
    head = b"POST /v1/drain HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nConnection: close\r\n"
    assert Api(drained.control.path).raw(head + b"Transfer-Encoding: Chunked\r\n\r\n" + BODY).startswith(b"HTTP/1.1 204 ")
    assert drained.control.link()["state"] == "drained"
    assert Api(drained.control.path).ask("POST", "/v1/resume", {}).status == 204

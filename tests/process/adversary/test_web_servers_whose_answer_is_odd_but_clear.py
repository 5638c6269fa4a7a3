# SPDX-License-Identifier: Apache-2.0
"""health=http: the status line says it all, whatever is wrong with what comes behind it."""

import pytest

from support.peer import Service
from support.poll import eventually

OFTEN = "health_interval=50ms&health_timeout=2s&health_rise=1&health_fall=1"
WELL = {
    "no space behind the status": b"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n",
    "bare line feeds": b"HTTP/1.1 200 OK\nContent-Length: 0\n\n",
    "a head of 20 KiB": b"HTTP/1.1 200 OK\r\nX: " + b"x" * 20_000 + b"\r\nContent-Length: 0\r\n\r\n",
    "a head without an end": b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000,
    "a length given twice": b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nContent-Length: 1\r\n\r\n",
    "a length and chunks": b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a page too long to be read": b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
    "fields that are none": b"HTTP/1.1 200 OK\r\n:\r\nno colon\r\n\0\r\n\r\n",
    "interim answers first": b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
}
NOT_WELL = {
    "a status that is none": b"HTTP/1.1 20 OK\r\n\r\n",
    "another protocol": b"SSH-2.0-OpenSSH_9.2p1\r\n",
    "503 without a reason": b"HTTP/1.1 503\r\n\r\n",
    "a promise of 200 in a field": b"HTTP/1.1 500 No\r\nStatus: HTTP/1.1 200 OK\r\n\r\n",
}


def verdict(relay_to, answer):
    def play(peer):
        peer.socket.recv(4096)
        peer.send(answer)
        peer.socket.recv(4096)

    with Service() as service:
        service.serve(play)
        near = relay_to(f"{service.url}?health=http&{OFTEN}")
        told = eventually(lambda: near.events("endpoint_up") + near.events("endpoint_down"), "a verdict")
        return told[0]


@pytest.mark.parametrize("answer", WELL.values(), ids=WELL)
def test_a_server_that_says_200_is_up(relay_to, answer):
    assert verdict(relay_to, answer)["event"] == "endpoint_up"


@pytest.mark.parametrize("answer", NOT_WELL.values(), ids=NOT_WELL)
def test_a_server_that_does_not_is_down(relay_to, answer):
    assert verdict(relay_to, answer)["event"] == "endpoint_down"

# SPDX-License-Identifier: Apache-2.0
"""Whatever is asked of the control API, with and without its token: 8 MiB above idle, and the program serves on."""

import json

import pytest

from support import processes
from support.api import Api
from support.bytes import MIB
from support.hostile_http import TOKEN, Crowd, head
from support.peer import Peer
from support.ports import free_port

MOST_GROWTH = 8 * MIB
JSON = "Content-Type: application/json"

pytestmark = pytest.mark.shipped


@pytest.fixture
def admin(steered_to, service):
    """With a session that lives through it all."""
    port = free_port()
    ambassador = steered_to(service.url, env={"AMBASSADOR_ADMIN": f"127.0.0.1:{port}",
                                                          "AMBASSADOR_ADMIN_TOKEN": TOKEN})
    ambassador.admin, ambassador.tcp = port, ("127.0.0.1", port)
    consumer = Peer.connect(ambassador.port)
    provider = service.accept()
    consumer.send(b"before")
    provider.expect(b"before")
    for target in ("/", "/page/app.js"):  # what is read once stays
        Api(ambassador.tcp).ask("GET", target, headers={"Host": f"127.0.0.1:{port}"})
    ambassador.control.get("/v1/status")
    processes.forget_peak(ambassador.pid)
    ambassador.idle = processes.peak_bytes(ambassador.pid)
    yield ambassador
    assert ambassador.alive(), "the program has ended"
    grown = processes.peak_bytes(ambassador.pid) - ambassador.idle
    assert grown <= MOST_GROWTH, f"{grown / MIB:.1f} MiB more than idle"
    provider.send(b"after")
    consumer.expect(b"after")
    assert ambassador.control.get("/v1/live") == {"is_live": True}
    consumer.close()
    provider.close()


CHUNKED = "Transfer-Encoding: chunked"
FLOODS = {  # what comes first in the body, and then again and again
    "an extension without an end": (b"1;", b"x" * 65536),
    "many extensions": (b"1;", b"a=b;" * 16384),
    "zeros of a size": (b"", b"0" * 65536),
    "trailers": (b"0\r\n", b"a: b\r\n" * 10000),
    "one long trailer": (b"0\r\na: ", b"x" * 65536),
    "chunks of a byte": (b"", b"1\r\nx\r\n" * 10000),
}


@pytest.mark.parametrize("token", [False, True], ids=["without the token", "with the token"])
@pytest.mark.parametrize("kind", FLOODS)
def test_what_stands_around_a_body_is_kept_nowhere(admin, kind, token):
    first, piece = FLOODS[kind]
    line = head("GET /", admin.admin, CHUNKED, token=token) + first
    with Crowd(admin.tcp, 8) as crowd:
        crowd.flood(piece, 4 * MIB, first=line)
    if not token:
        return
    line = head("POST /v1/plan", admin.admin, CHUNKED, JSON, token=True) + first
    with Crowd(admin.tcp, 8) as crowd:
        crowd.flood(piece, 4 * MIB, first=line)


def test_heads_that_do_not_end(admin):
    with Crowd(admin.tcp, 160) as crowd:
        crowd.flood(b"x" * 65536, MIB, first=b"GET / HTTP/1.1\r\nX: ")
    with Crowd(admin.tcp, 160) as crowd:
        crowd.send(b"GET / HTTP/1.1\r\n" + b"a:\r\n" * 2000)


@pytest.mark.parametrize("over", ["tcp", "unix"])
def test_bodies_that_do_not_end(admin, over):
    place = admin.tcp if over == "tcp" else admin.control.path
    for target, size in (("PATCH /v1/links/svc", 65536), ("POST /v1/plan", 2 * MIB)):
        line = head(target, admin.admin, JSON, f"Content-Length: {size}", token=True)
        with Crowd(place, 100) as crowd:
            crowd.flood(b"x" * 65536, size + len(line) - 10, first=line)


@pytest.mark.parametrize("over", ["tcp", "unix"])
def test_answers_that_nobody_reads(admin, over):
    place = admin.tcp if over == "tcp" else admin.control.path
    for target in ("/", "/page/app.js", "/metrics", "/v1/wiring", "/v1/sessions?most=10000", "/v1/nothing"):
        token = target not in ("/", "/page/app.js")
        with Crowd(place, 160) as crowd:
            crowd.flood(head(f"GET {target}", admin.admin, token=token) * 100, MIB)


@pytest.mark.parametrize("over", ["tcp", "unix"])
def test_events_and_numbers_that_nobody_reads(admin, over):
    place = admin.tcp if over == "tcp" else admin.control.path

    def rewire(url):
        """By the other way, for a crowd may take all that there is for its own class."""
        if over == "tcp":
            return admin.control.rewire(url, force=True)
        fields = {"Host": f"127.0.0.1:{admin.admin}", "Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
        body = json.dumps({"upstream": [url], "force": True})
        assert Api(admin.tcp).ask("PATCH", "/v1/links/svc", body, headers=fields).status == 200
    for target in ("/v1/events", "/v1/watch?every=500ms"):
        with Crowd(place, 60) as crowd:
            crowd.send(head(f"GET {target}", admin.admin, token=True))
            for number in range(100):
                rewire(f"tcp://127.0.0.1:{1 + number % 2}")


def test_questions_of_many_parts(admin):
    many = "&".join(["a"] * 3000)
    with Crowd(admin.tcp, 100) as crowd:
        crowd.flood(head(f"GET /?{many}", admin.admin), MIB)
        crowd.flood(head(f"GET {'/' * 7000}", admin.admin, token=True), MIB)
    deep = json.dumps({"upstream": "x"})[:-1] + ', "y":' + "[" * 60000 + "}"
    wide = json.dumps({"upstream": ["x"] * 10000})
    for body in (deep, wide, '{"' + "k" * 60000 + '":1}', "[" + "0," * 30000 + "0]"):
        assert Api(admin.control.path).ask("PATCH", "/v1/links/svc", body).status in (400, 422)

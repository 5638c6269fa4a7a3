# SPDX-License-Identifier: Apache-2.0
"""docs/openapi.yaml is true: each of its paths is asked of the program, and every answer is one that it describes."""

import json
import urllib.parse

import pytest

from support.api import Api
from support.peer import Peer, echo
from support.poll import eventually
from support.ports import free_port

openapi = pytest.importorskip("support.openapi", reason="python3-jsonschema and python3-yaml are missing")

TOKEN = "an-openapi-token-of-some-length"


class Program:
    """One ambassador that is asked and judged; every way to ask it is noted in the document."""

    def __init__(self, ambassador, document, control, tcp, link, service):
        self.ambassador, self.document, self.link, self.service = ambassador, document, link, service
        self.control, self.tcp = control, tcp

    def ask(self, method, target, body=None, headers=None):
        return self.document.check(method, target, self.control.ask(method, target, body, headers))


@pytest.fixture(scope="module")
def document():
    return openapi.Document()


@pytest.fixture
def program(start_ambassador, service, document, tmp_path):
    port, admin = free_port(), free_port()
    config = tmp_path / "links.toml"
    config.write_text(f'[links."a.b-c_d"]\nlisten = {port}\nupstream = "tcp://127.0.0.1:{service.port}"\n'
                      'health = "tcp"\nhealth_interval = "100ms"\n', encoding="utf-8")
    ambassador = start_ambassador("--config", str(config), env={
        "AMBASSADOR_CONTROL": str(tmp_path / "control.sock"), "AMBASSADOR_ADMIN": f"127.0.0.1:{admin}",
        "AMBASSADOR_ADMIN_TOKEN": TOKEN})
    ambassador.port = port
    service.serve(echo)
    return Program(ambassador, document, Api(tmp_path / "control.sock"), Api(("127.0.0.1", admin)),
                   "/v1/links/" + urllib.parse.quote("a.b-c_d", safe=""), service)


def test_every_part_is_described(document):
    schemas = [(place, node) for place, node in document.nodes() if place.startswith("#/components/schemas/")]
    for place, node in schemas:
        above = place.rsplit("/", 1)[0]
        if above.endswith("/properties") or above == "#/components/schemas":
            assert node.get("description"), f"{place} has no description"
        if isinstance(node, dict) and node.get("type") == "object":
            assert "additionalProperties" in node, f"{place} is open"
    for (path, method), operation in document.operations().items():
        assert operation["summary"] and operation["operationId"], (method, path)


def test_every_path_answers_as_it_is_described(program, document):
    link, url = program.link, f"tcp://127.0.0.1:{program.service.port}"
    consumer = Peer.connect(program.ambassador.port)
    consumer.send(b"hello")
    consumer.expect(b"hello")

    for target in ("/v1/status", "/v1/links", link, link + "/why", "/v1/wiring", "/v1/sessions", "/v1/ready", "/v1/live",
                   "/v1/sessions?most=1", "/v1/ready?link=a.b-c_d", "/v1/sessions?link=a.b-c_d"):
        program.ask("GET", target)
    for accept in ("text/plain", "application/openmetrics-text"):
        assert program.ask("GET", "/metrics", headers={"Accept": accept}).type == accept
    assert program.ask("PATCH", link, {"upstream": ["tcp://127.0.0.1:9"]}).status == 409
    program.ask("PATCH", link, {"upstream": ["tcp://127.0.0.1:9"], "existing": "keep", "force": True})
    eventually(lambda: program.control.ask("GET", "/v1/ready").status == 503, "no endpoint that is up")
    program.ask("GET", "/v1/ready")
    program.ask("GET", "/v1/status")
    program.ask("GET", link + "/why")
    program.ask("PATCH", link, {"upstream": url, "dry_run": True})
    program.ask("PATCH", link, {"back": True})
    program.ask("POST", "/v1/drain", {"link": "a.b-c_d"})
    program.ask("GET", link)
    program.ask("POST", "/v1/resume", {"link": "a.b-c_d"})
    program.ask("POST", "/v1/drain")
    program.ask("POST", "/v1/resume", {})
    program.ask("POST", "/v1/reload", {})
    program.ask("POST", "/v1/plan", {"path": "x.toml", "text": f'[links.new]\nlisten = 1\nupstream = "{url}"\n'})
    session = program.control.get("/v1/sessions")["sessions"][0]["id"]
    program.ask("DELETE", f"/v1/sessions/{session}")
    consumer.expect_reset()
    check_events(program, document)
    check_watch(program, document)
    for target, kind in (("/", "text/html"), ("/page/app.js", "text/javascript"), ("/page/style.css", "text/css"), ("/page/icon.svg", "image/svg+xml")):
        assert program.ask("GET", target).type == kind
    for operation in document.operations():
        fine = [status for status in document.statuses(*operation) if status.startswith("2")]
        asked = [status for status in fine if (*operation, status) in document.answered]
        assert asked == fine, f"{operation} was not seen to answer with {fine}"


def check_events(program, document):
    connection = program.control.connection()
    connection.request("GET", "/v1/events")
    response = connection.getresponse()
    assert str(response.status) in document.statuses("/v1/events", "get")
    assert response.getheader("Content-Type") == "text/event-stream"
    assert [response.readline(), response.readline()] == [b": ok\n", b"\n"]
    program.control.ask("POST", "/v1/drain")
    lines = [response.readline().decode() for _ in range(4)]
    assert lines[0].startswith("id: ") and lines[1].startswith("event: ") and lines[3] == "\n"
    record = json.loads(lines[2].removeprefix("data: "))
    assert record["event"] == lines[1].removeprefix("event: ").strip()
    program.control.ask("POST", "/v1/resume")
    connection.close()
    document.answered.add(("/v1/events", "get", "200"))


def check_watch(program, document):
    connection = program.control.connection()
    connection.request("GET", "/v1/watch?every=500ms")
    response = connection.getresponse()
    assert response.status == 200 and response.getheader("Content-Type") == "text/event-stream"
    assert [response.readline(), response.readline()] == [b": ok\n", b"\n"]
    for _ in range(2):
        assert response.readline() == b"event: numbers\n"
        document.validator({"$ref": "#/components/schemas/Numbers"}).validate(json.loads(response.readline().removeprefix(b"data: ")))
        assert response.readline() == b"\n"
    connection.close()
    document.answered.add(("/v1/watch", "get", "200"))


WRONG = [  # (method, target, body, headers, status)
    ("GET", "/v1/status?verbose=1", None, {}, 422),
    ("GET", "/v1/links?x=1", None, {}, 422),
    ("GET", "/v1/links/nobody", None, {}, 404),
    ("GET", "/v1/links/nobody/why", None, {}, 404),
    ("PATCH", "/v1/links/nobody", {"upstream": "tcp://a:1"}, {}, 404),
    ("PATCH", "/v1/links/a.b-c_d", {}, {}, 422),
    ("PATCH", "/v1/links/a.b-c_d", {"upstream": "http://a:1"}, {}, 422),
    ("PATCH", "/v1/links/a.b-c_d", {"upstraem": "tcp://a:1"}, {}, 422),
    ("PATCH", "/v1/links/a.b-c_d", "{", {}, 400),
    ("PATCH", "/v1/links/a.b-c_d", "x=1", {"Content-Type": "application/x-www-form-urlencoded"}, 415),
    ("PATCH", "/v1/links/a.b-c_d", "x" * 70000, {}, 413),
    ("POST", "/v1/drain", {"link": "nobody"}, {}, 404),
    ("POST", "/v1/drain", "{}", {"Content-Type": "text/plain"}, 415),
    ("POST", "/v1/resume", {"links": "a"}, {}, 422),
    ("POST", "/v1/resume", {"link": "nobody"}, {}, 404),
    ("POST", "/v1/reload", {"force": True}, {}, 422),
    ("POST", "/v1/plan", {"text": "[links.x]\nlisten = 1\n"}, {}, 422),
    ("POST", "/v1/plan", {"path": "x"}, {}, 422),
    ("GET", "/v1/sessions?most=0", None, {}, 422),
    ("GET", "/v1/sessions?link=nobody", None, {}, 404),
    ("DELETE", "/v1/sessions/9999-1", None, {}, 404),
    ("DELETE", "/v1/sessions/nonsense", None, {}, 404),
    ("GET", "/v1/ready?link=nobody", None, {}, 404),
    ("GET", "/v1/live?x=1", None, {}, 422),
    ("GET", "/v1/events?x=1", None, {}, 422),
    ("GET", "/v1/watch?every=1ms", None, {}, 422),
    ("GET", "/v1/watch?evry=1s", None, {}, 422),
    ("GET", "/page/nothing.js", None, {}, 404),
    ("GET", "/?x=1", None, {}, 422),
    ("GET", "/v1/wiring?x=1", None, {}, 422),
    ("GET", "/metrics?x=1", None, {}, 422),
    ("GET", "/v1/wiring", None, {"X": "y" * 9000}, 431),
]


def test_every_mistake_is_answered_as_it_is_described(program):
    for method, target, body, headers, status in WRONG:
        answer = program.ask(method, target, body, headers)
        assert answer.status == status, (method, target, answer)


def test_strangers_are_answered_as_it_is_described(program):
    host = {"Host": "127.0.0.1:%d" % program.tcp.place[1]}
    token = {"Authorization": f"Bearer {TOKEN}"}
    for headers, status in (({**host}, 401), ({**token, "Host": "evil.example"}, 403),
                            ({**host, **token, "Origin": "http://x"}, 403), ({**host, **token}, 200)):
        answer = program.document.check("GET", "/v1/status", program.tcp.ask("GET", "/v1/status", headers=headers))
        assert answer.status == status, (headers, answer)


def test_what_the_document_allows_to_be_said_is_what_the_program_takes(program, document):
    """The other way round for bodies: neither takes what the other refuses."""
    url = f"tcp://127.0.0.1:{program.service.port}"
    for body in ({"upstream": url}, {"upstream": [url], "existing": "drain=5s", "dry_run": True}, {"upstream": 1},
                 {"upstream": []}, {"upstream": url, "existing": "later"}, {"back": True, "existing": None},
                 {"upstream": url, "dry_run": "yes"}, {"upstream": url, "more": 1}, {"upstream": ""},
                 {"upstream": url, "force": False, "check_timeout_ms": 500, "wait_ms": 100},
                 {"upstream": url, "force": 1}, {"upstream": url, "check_timeout_ms": 0},
                 {"upstream": url, "check_timeout_ms": 60001}, {"upstream": url, "wait_ms": -1}):
        answer = program.ask("PATCH", program.link, body)
        assert (answer.status == 200) == document.check_request("PATCH", program.link, body), (body, answer)
    for target in ("/v1/drain", "/v1/resume"):
        for body in ({}, {"link": "a.b-c_d"}, {"link": None}, {"link": 1}, {"lnk": "a"}):
            answer = program.ask("POST", target, body)
            assert (answer.status == 204) == document.check_request("POST", target, body), (body, answer)


def test_what_it_does_not_know_is_an_error_like_the_others(program, document):
    error = document.validator({"$ref": "#/components/schemas/Error"})
    for method, target, status in (("GET", "/v2", 404), ("GET", "/v2/status", 404), ("POST", "/v1/status", 405),
                                   ("PUT", "/v1/links/a.b-c_d", 405), ("OPTIONS", "/v1/status", 405)):
        answer = program.control.ask(method, target)
        assert answer.status == status and answer.type == "application/json", (method, target, answer)
        error.validate(answer.json)
        assert status != 405 or answer.fields["allow"]


def test_every_get_can_be_asked_as_a_head(program, document):
    for path, method in document.operations():
        if method == "get":
            target = path.replace("{name}", "a.b-c_d").replace("{file}", "app.js")
            answer = program.control.ask("HEAD", target)
            assert answer.status == 200 and answer.body == b"", (target, answer)

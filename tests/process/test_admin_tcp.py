# SPDX-License-Identifier: Apache-2.0
"""The API over TCP: whom it lets in, and what those who try otherwise can use up. Failure cases 50 and 51."""

import http.client
import json
import socket
import subprocess
import time

import pytest

from support.ambassador import run_to_end
from support.api import Api
from support.bytes import MIB
from support.peer import Peer, echo
from support.poll import eventually
from support.ports import free_port

TOKEN = "s3cret-0123456789-abcdef"
LINK = "/v1/links/svc"


class Admin:
    def __init__(self, ambassador, port):
        self.ambassador, self.port = ambassador, port
        self.api = Api(("127.0.0.1", port))
        self.good = {"Host": f"127.0.0.1:{port}", "Authorization": f"Bearer {TOKEN}"}

    def ask(self, method, target, body=None, **changes):
        fields = {**self.good, **{name.replace("_", "-"): value for name, value in changes.items()}}
        answer = self.api.ask(method, target, body, {name: value for name, value in fields.items() if value is not None})
        assert not [name for name in answer.fields if name.startswith("access-control")], answer
        return answer

    def upstream(self):
        return self.ask("GET", LINK).json["upstream"]


@pytest.fixture
def admin(relay_to, service):
    port = free_port()
    ambassador = relay_to(service.serve(echo).url, env={"AMBASSADOR_ADMIN": f"127.0.0.1:{port}",
                                                        "AMBASSADOR_ADMIN_TOKEN": TOKEN})
    return Admin(ambassador, port)


def test_with_the_token_it_is_the_same_api(admin, service):
    assert admin.ask("GET", "/v1/live").json == {"is_live": True}
    answer = admin.ask("PATCH", LINK, {"upstream": "tcp://127.0.0.1:9", "force": True})
    assert answer.status == 200, answer
    assert admin.upstream() == ["tcp://127.0.0.1:9"]
    for name in (f"localhost:{admin.port}", f"LocalHost:{admin.port}"):
        assert admin.ask("GET", "/v1/status", Host=name).status == 200, name


REFUSED = [  # (what is other than it should be, its status)
    ({"Host": "evil.example"}, 403), ({"Host": "127.0.0.1"}, 403), ({"Host": "127.0.0.1:1"}, 403),
    ({"Host": "127.0.0.1.evil.example"}, 403), ({"Origin": "http://x"}, 403), ({"Origin": "null"}, 403),
    ({"Authorization": None}, 401), ({"Authorization": "Bearer wrong"}, 401), ({"Authorization": f"Basic {TOKEN}"}, 401),
    ({"Authorization": f"Bearer {TOKEN[:-1]}"}, 401), ({"Authorization": f"Bearer {TOKEN}x"}, 401),
    ({"Content_Type": "application/x-www-form-urlencoded"}, 415), ({"Content_Type": "text/plain"}, 415),
    ({"Content_Type": "multipart/form-data; boundary=x"}, 415), ({"Content_Type": ""}, 415),
    ({"User_Agent": "ambassador", "Authorization": None}, 401), ({"X_Forwarded_Host": "127.0.0.1", "Host": "evil.example"}, 403),
]


@pytest.mark.parametrize("changes, status", REFUSED, ids=lambda value: str(value)[:60])
def test_a_stranger_changes_nothing(admin, service, changes, status):
    body = {"upstream": "tcp://127.0.0.1:9", "force": True}
    answer = admin.ask("PATCH", LINK, body, **changes)
    assert answer.status == status, answer
    assert answer.json["error"], answer
    if status == 401:
        assert answer.fields["www-authenticate"].startswith("Bearer"), answer
    for method, target in (("POST", "/v1/drain"), ("POST", "/v1/reload"), ("DELETE", "/v1/sessions/0-1")):
        assert admin.ask(method, target, {}, **changes).status == status, (method, target)
    assert admin.upstream() == [service.url]
    assert admin.ask("GET", LINK).json["state"] == "up"


def test_the_page_is_there_without_the_token_and_holds_none_of_it(admin):
    for target in ("/", "/page/app.js", "/page/style.css"):
        answer = admin.ask("GET", target, Authorization=None)
        assert answer.status == 200 and TOKEN.encode() not in answer.body, answer
        assert "'unsafe" not in answer.fields["content-security-policy"]
        assert admin.ask("GET", target, Authorization=None, Host="evil.example").status == 403
    assert admin.ask("GET", "/page/nothing.js", Authorization=None).status == 404
    assert admin.ask("GET", "/v1/status", Authorization=None).status == 401


def test_our_own_page_may_change_what_others_may_not(admin):
    own = f"http://127.0.0.1:{admin.port}"
    change = {"upstream": "tcp://127.0.0.1:9", "force": True}
    assert admin.ask("PATCH", LINK, change, Origin=own, Authorization=None).status == 401
    assert admin.ask("PATCH", LINK, change, Origin="http://127.0.0.1").status == 403
    assert admin.ask("PATCH", LINK, change, Origin=own).status == 200
    assert admin.upstream() == ["tcp://127.0.0.1:9"]


def test_a_browser_that_asks_before_is_told_nothing(admin):
    for changes in ({}, {"Origin": "http://x"}, {"Origin": "http://x", "Access_Control_Request_Method": "PATCH"}):
        answer = admin.ask("OPTIONS", LINK, **changes)
        assert answer.status in (403, 405), answer


def test_a_get_never_changes_anything(admin, service):
    for target in ("/v1/drain", "/v1/resume", "/v1/reload", "/v1/plan"):
        for method in ("GET", "HEAD"):
            assert admin.ask(method, target).status == 405, target
    for target in (f"{LINK}?upstream=tcp://127.0.0.1:9", f"{LINK}?_method=PATCH"):
        assert admin.ask("GET", target).status == 422, target
    assert admin.ask("GET", LINK, X_HTTP_Method_Override="PATCH").status == 200
    assert admin.upstream() == [service.url]


def test_further_names_are_known_when_they_are_told(relay_to, service):
    port = free_port()
    relay_to(service.url, env={"AMBASSADOR_ADMIN": f"127.0.0.1:{port}", "AMBASSADOR_ADMIN_TOKEN": TOKEN,
                               "AMBASSADOR_ADMIN_HOSTS": "ambassador.internal, other.example:80"})
    api = Api(("127.0.0.1", port))
    for host, status in (("ambassador.internal", 200), (f"ambassador.internal:{port}", 200), ("other.example:80", 200),
                         ("other.example", 403), ("internal", 403)):
        answer = api.ask("GET", "/v1/live", headers={"Host": host, "Authorization": f"Bearer {TOKEN}"})
        assert answer.status == status, (host, answer)


def test_an_address_that_the_port_is_bound_to_is_a_known_host(relay_to, service):
    for bound, at in (("0.0.0.0", "127.0.0.2"), ("[::]", "127.0.0.1"), ("[::]", "::1")):
        port = free_port()
        relay_to(service.url, env={"AMBASSADOR_ADMIN": f"{bound}:{port}", "AMBASSADOR_ADMIN_TOKEN": TOKEN})
        literal = f"[{at}]" if ":" in at else at
        for host, status in ((f"{literal}:{port}", 200), (f"{bound}:{port}", 200), (f"{literal}:1", 403), (literal, 403),
                             (f"127.0.0.3:{port}", 403), (f"evil.example:{port}", 403)):
            answer = Api((at, port)).ask("GET", "/v1/live", headers={"Host": host, "Authorization": f"Bearer {TOKEN}"})
            assert answer.status == status, (bound, host, answer)


def test_an_absolute_url_is_judged_by_its_own_authority(admin):
    own = f"http://127.0.0.1:{admin.port}"
    assert admin.ask("GET", f"{own}/v1/live").json == {"is_live": True}
    assert admin.ask("GET", f"{own}/v1/live", Host="evil.example").status == 200, "it replaces Host"
    assert admin.ask("GET", own, Authorization=None).status == 200, "the page"
    assert admin.ask("GET", "http://evil.example/v1/live").status == 403
    assert admin.ask("GET", f"{own}/v1/live", Authorization=None).status == 401
    assert admin.ask("POST", f"{own}/v1/drain", {}, Origin="http://evil.example").status == 403


def test_the_token_can_stand_in_a_file(relay_to, service, tmp_path):
    port, file = free_port(), tmp_path / "token"
    file.write_text(TOKEN + "\n", encoding="ascii")
    ambassador = relay_to(service.url, env={"AMBASSADOR_ADMIN": f"[::1]:{port}", "AMBASSADOR_ADMIN_TOKEN_FILE": str(file)})
    assert ambassador.alive()
    api = Api(("::1", port))
    answer = api.ask("GET", "/v1/live", headers={"Host": f"[::1]:{port}", "Authorization": f"Bearer {TOKEN}"})
    assert answer.status == 200, answer


@pytest.mark.parametrize("settings", [
    {}, {"AMBASSADOR_ADMIN_TOKEN": "short"}, {"AMBASSADOR_ADMIN_TOKEN": "with a space in its middle"},
    {"AMBASSADOR_ADMIN_TOKEN_FILE": "/nonexistent/token"}, {"AMBASSADOR_ADMIN_TOKEN_FILE": "/dev/null"},
    {"AMBASSADOR_ADMIN_TOKEN": TOKEN, "AMBASSADOR_ADMIN_TOKEN_FILE": "/dev/null"}], ids=str)
def test_without_a_token_it_does_not_start(settings):
    port = free_port()
    outcome = run_to_end(env={f"SVC_PORT_{free_port()}_TCP": "tcp://127.0.0.1:9", "AMBASSADOR_ADMIN": f"127.0.0.1:{port}",
                              **settings})
    assert outcome.code == 64, outcome
    assert "AMBASSADOR_ADMIN" in outcome.err or "token" in outcome.err, outcome
    for secret in ("short", "with a space"):
        assert secret not in outcome.err + outcome.out, outcome


def test_the_token_is_nowhere_to_be_read(admin, service, tmp_path):
    environment = {"SVC_PORT_1_TCP": "tcp://a:1?health=redis&health_user=u&health_password=hunter2",
                   "AMBASSADOR_ADMIN": "127.0.0.1:9900", "AMBASSADOR_ADMIN_TOKEN": TOKEN}
    for words in (["check"], ["check", "--json", "--all"]):
        outcome = run_to_end(*words, env=environment)
        assert outcome.code == 0 and TOKEN not in outcome.out + outcome.err and "hunter2" not in outcome.out, outcome
    outcome = run_to_end("check", env={**environment, "AMBASSADOR_ADMIN_TOKN": TOKEN})
    assert outcome.code == 64 or TOKEN not in outcome.out + outcome.err, outcome
    assert TOKEN not in outcome.out + outcome.err, outcome
    everything = b"".join(admin.ask("GET", target).body for target in ("/v1/status", "/v1/wiring", "/v1/links", f"{LINK}/why"))
    assert TOKEN.encode() not in everything
    assert TOKEN not in admin.ambassador.log()


def test_hundreds_who_never_finish_their_request_are_put_out_and_others_served(admin):
    slow = []
    for number in range(500):
        sock = socket.create_connection(("127.0.0.1", admin.port))
        sock.sendall(b"GET /v1/status HTTP/1.1\r\nX-Slow: ")
        slow.append(sock)
        if number % 100 == 99:
            assert admin.ask("GET", "/v1/live").status == 200
            assert admin.ambassador.alive()
    consumer = Peer.connect(admin.ambassador.port)
    consumer.send(b"data")
    consumer.expect(b"data")
    began = time.monotonic()
    for sock in slow:
        sock.settimeout(20)
        try:
            assert sock.recv(100) == b""
        except ConnectionResetError:
            pass
        sock.close()
    assert time.monotonic() - began < 15, "they are not kept for ever"
    consumer.close()
    assert admin.ask("GET", "/v1/live").status == 200


def test_a_body_of_100_mib_is_not_taken_in(admin):
    connection = admin.api.connection()
    connection.putrequest("PATCH", LINK, skip_host=True)
    for name, value in {**admin.good, "Content-Type": "application/json", "Content-Length": str(100 * MIB)}.items():
        connection.putheader(name, value)
    connection.endheaders()
    sent = 0
    try:
        while sent < 100 * MIB:
            connection.send(b"x" * 65536)
            sent += 65536
    except (BrokenPipeError, ConnectionResetError):
        pass
    assert sent < 100 * MIB, "nobody reads all that"
    try:
        answer = connection.getresponse()
        assert answer.status == 413
    except (ConnectionResetError, http.client.RemoteDisconnected):
        pass  # the reset may come first
    assert admin.ask("GET", "/v1/live").status == 200


def test_a_body_in_chunks_is_bounded_too(admin):
    head = "PATCH %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAuthorization: Bearer %s\r\n" % (LINK, admin.port, TOKEN)
    head += "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    answer = admin.api.raw(head.encode() + b"8000\r\n" + b"x" * 0x8000 + b"\r\n" + b"9000\r\n" + b"x" * 0x9000 + b"\r\n")
    assert answer.startswith(b"HTTP/1.1 413 "), answer


def test_what_else_can_be_sent_ends_well(admin):
    for data in (b"\0" * 20000, b"GET / HTTP/9.9\r\n\r\n", b"A" * 20000, b"GET /\r\n\r\n", b"\x16\x03\x01\x00\xa5\x01\x00"):
        answer = admin.api.raw(data + b"\r\n\r\n")
        assert answer == b"" or answer.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 431 ")), (data[:20], answer)
    assert admin.ask("GET", "/v1/live").status == 200


def test_a_follower_hears_what_strangers_may_not(admin):
    curl = ["curl", "-sN", "--max-time", "20", "-H", f"Authorization: Bearer {TOKEN}",
            f"http://127.0.0.1:{admin.port}/v1/events"]
    with subprocess.Popen(curl, stdout=subprocess.PIPE) as follower:
        assert follower.stdout.readline() == b": ok\n"
        assert admin.ask("POST", "/v1/drain", {}).status == 204
        follower.stdout.readline()
        lines = [follower.stdout.readline() for _ in range(3)]
        assert json.loads(lines[2].removeprefix(b"data: "))["event"] == lines[1].decode().split()[1]
        follower.kill()
    assert admin.ask("POST", "/v1/resume", {}).status == 204
    eventually(lambda: admin.ask("GET", "/v1/live").status == 200, "it goes on")

# SPDX-License-Identifier: Apache-2.0
"""What real clients and servers speak is told by their first bytes: in records, in the list of sessions and in metrics."""

import ssl
import subprocess

import pytest

from support.api import Api
from support.mariadb import MariaDb
from support.peer import Peer
from support.poll import eventually
from support.postgres import psql
from support.prometheus import Scrape
from support.redis import ping
from support.servers import Nginx, Redis

RECORDS = {"AMBASSADOR_RECORDS": "all"}


def record(near, **fields):
    """The record of the one session that has these fields."""
    return near.wait_event("session_ended", **fields)


def ask_redis(near):
    with Peer.connect(near.port) as consumer:
        ping(consumer)


def scrape(near):
    return Scrape(Api(near.control.path).ask("GET", "/metrics").body.decode())


def test_redis_is_told_by_its_first_command(steered_to, server):
    near = steered_to(server(Redis()).url, env=RECORDS)
    ask_redis(near)
    assert record(near, protocol="redis")["server_name"] == ""


def test_postgresql_is_told_by_its_startup_message(steered_to, postgres):
    near = steered_to(postgres.url, env=RECORDS)
    assert psql(near.port, "select 1").returncode == 0
    assert record(near, protocol="postgres")


def test_mysql_is_told_by_the_greeting_of_its_server(steered_to, server):
    near = steered_to(server(MariaDb()).url, env=RECORDS)
    done = subprocess.run(["mysql", "--no-defaults", "-h", "127.0.0.1", "-P", str(near.port), "-u", "nobody", "-e", "select 1"],
                          capture_output=True, text=True, check=False)
    assert "Access denied" in done.stderr, done
    assert record(near, protocol="mysql")


def test_http_is_told_by_its_method(steered_to, server):
    near = steered_to(server(Nginx()).url, env=RECORDS)
    assert subprocess.run(["curl", "-s", "-o", "/dev/null", f"http://127.0.0.1:{near.port}/"], check=False).returncode == 0
    assert record(near, protocol="http")
    with Peer.connect(near.port) as consumer:
        consumer.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        consumer.finish()
        consumer.receive_to_end()
    assert record(near, protocol="http2")


@pytest.fixture
def certificate(tmp_path):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1",
                    "-subj", "/CN=db.example", "-keyout", key, "-out", certificate], check=True, capture_output=True)
    return certificate, key


@pytest.fixture
def tls_echo(service, certificate):
    """Answers what it reads, inside TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    context.set_alpn_protocols(["h2", "http/1.1"])

    def serve(peer):
        with context.wrap_socket(peer.socket, server_side=True, suppress_ragged_eofs=True) as inside:
            while data := inside.recv(4096):
                inside.sendall(data)
    service.serve(serve)
    return service


def test_a_tls_client_says_whom_it_asks_for_and_what_it_would_speak(steered_to, tls_echo):
    near = steered_to(tls_echo.url, env=RECORDS)
    done = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{near.port}", "-servername", "db.example",
                           "-alpn", "h2,http/1.1", "-quiet", "-no_ign_eof"], input=b"", capture_output=True, check=False)
    ended = record(near, protocol="tls")
    assert (ended["server_name"], ended["alpn"]) == ("db.example", "h2,http/1.1"), done


def test_a_session_that_is_open_tells_what_it_speaks(steered_to, server):
    near = steered_to(server(Redis()).url)
    with Peer.connect(near.port) as consumer:
        consumer.send(b"*1\r\n$4\r\nPING\r\n")
        consumer.expect(b"+PONG\r\n")
        [session] = near.control.get("/v1/sessions")["sessions"]
        assert session["protocol"] == "redis"
        assert near.control.link()["protocols"] == {"redis": 1}


def test_metrics_count_sessions_by_what_they_speak_and_time_their_answers(steered_to, server):
    near = steered_to(server(Redis()).url)
    for _ in range(3):
        ask_redis(near)
    with Peer.connect(near.port) as consumer:
        consumer.send(b"nonsense\r\n")
        consumer.receive(4)
    eventually(lambda: scrape(near).value("amb_sessions_by_protocol_total", link="svc", protocol="other") == 1, "the last session")
    found = scrape(near)
    assert found.value("amb_sessions_by_protocol_total", link="svc", protocol="redis") == 3
    assert found.value("amb_answer_seconds_count", protocol="redis") == 3
    assert found.value("amb_answer_seconds_count", protocol="other") == 1


def test_nothing_is_looked_at_when_it_is_switched_off(steered_to, server):
    near = steered_to(server(Redis()).url, env={**RECORDS, "AMBASSADOR_GLIMPSES": "off"})
    ask_redis(near)
    assert record(near, protocol="none")
    assert near.control.link()["protocols"] == {}
    assert scrape(near).of("amb_sessions_by_protocol_total") == {}


def test_first_bytes_that_come_one_by_one_are_passed_on_one_by_one(steered_to, service):
    """Nothing waits for the beginning to be whole."""
    near = steered_to(service.url, env=RECORDS)
    with Peer.connect(near.port) as consumer, service.accept() as provider:
        for byte in b"GET / HTTP/1.1\r\n":
            consumer.send(bytes([byte]))
            provider.expect(bytes([byte]))
        consumer.finish()
        provider.expect_fin()
        provider.finish()
        consumer.expect_fin()
    assert record(near, protocol="http")

# SPDX-License-Identifier: Apache-2.0
"""Two real nginx behind one link: the status of a page decides which of them is asked."""

import http.client

import pytest

from support.nginx_health import HealthyNginx
from support.poll import eventually

OFTEN = "health_interval=50ms&health_timeout=2s&health_rise=1&health_fall=2"
PAGE = f"health=http://shop.example/health&{OFTEN}"


@pytest.fixture
def pair(server):
    return server(HealthyNginx()), server(HealthyNginx())


def answering(port):
    """The name of the nginx that a new session reaches, or None where it fails."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", "/name")
        return connection.getresponse().read().decode()
    except (ConnectionResetError, ConnectionRefusedError, http.client.RemoteDisconnected):
        return None
    finally:
        connection.close()


def test_an_nginx_that_answers_503_is_left_alone_until_it_is_well(relay_to, pair):
    first, second = pair
    near = relay_to(f"{first.url}?{PAGE},{second.url}")
    for nginx in pair:
        up = near.wait_event("endpoint_up", endpoint=f"127.0.0.1:{nginx.port}")
        assert up["reason"] == "HTTP status 200 OK"
    assert answering(near.port) == first.name
    first.fall_ill()
    down = near.wait_event("endpoint_down", endpoint=f"127.0.0.1:{first.port}")
    assert down["reason"] == "HTTP status 503 Service Temporarily Unavailable"
    eventually(lambda: answering(near.port) == second.name, "the second one serves")
    first.recover()
    eventually(lambda: answering(near.port) == first.name, "the first one serves again")


def test_the_page_is_asked_for_under_the_name_that_is_given(relay_to, pair):
    near = relay_to(f"{pair[0].url}?health=http:///health&{OFTEN}")
    assert "421" in near.wait_event("endpoint_down")["reason"]
    near = relay_to(f"{pair[0].url}?health=http:///health&health_status=421&{OFTEN}")
    assert "421" in near.wait_event("endpoint_up")["reason"]


def test_another_port_may_answer_for_the_service(relay_to, pair):
    asked, serving = pair
    near = relay_to(f"{serving.url}?{PAGE}&health_port={asked.port}")
    near.wait_event("endpoint_up", endpoint=f"127.0.0.1:{serving.port}")
    assert answering(near.port) == serving.name
    asked.fall_ill()
    near.wait_event("endpoint_down", endpoint=f"127.0.0.1:{serving.port}")


@pytest.mark.parametrize("size", [0, 32_768, 32_769, 10_000_000])
def test_the_status_decides_whatever_the_size_of_the_page(relay_to, server, size):
    nginx = server(HealthyNginx())
    (nginx.files / "page").write_bytes(b"x" * size)
    near = relay_to(f"{nginx.url}?health=http:///page&{OFTEN}")
    assert near.wait_event("endpoint_up")["reason"] == "HTTP status 200 OK"
    accesses = nginx.directory / "accesses"
    eventually(lambda: accesses.read_text().count("GET /page") >= 5, "five checks")
    assert near.events("endpoint_down") == []
    assert (nginx.directory / "errors").read_text() == ""


def test_checks_leave_no_error_in_the_servers_log(relay_to, pair):
    near = relay_to(f"{pair[0].url}?{PAGE}")
    near.wait_event("endpoint_up")
    accesses = pair[0].directory / "accesses"
    eventually(lambda: accesses.read_text().count("ambassador/healthcheck") >= 10, "ten checks")
    assert (pair[0].directory / "errors").read_text() == ""
    assert '"GET /health HTTP/1.1" 200' in accesses.read_text()

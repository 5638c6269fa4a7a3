# SPDX-License-Identifier: Apache-2.0
"""Real servers without a check of their own: memcached answers a question, and any server at all accepts."""

from support.servers import Memcached

OFTEN = "health_interval=50ms&health_timeout=2s&health_rise=1&health_fall=2"


def test_memcached_answers_what_is_expected(relay_to, server):
    memcached = server(Memcached())
    near = relay_to(f"{memcached.url}?health=send-expect&health_send=version%0D%0A&health_expect=VERSION%201&{OFTEN}")
    assert near.wait_event("endpoint_up")["reason"] == "what is expected comes back"


def test_an_answer_that_is_not_expected_is_shown_harmlessly(relay_to, server):
    memcached = server(Memcached())
    near = relay_to(f"{memcached.url}?health=send-expect&health_send=hello%0D%0A&health_expect=VERSION"
                    "&health_timeout=300ms&health_interval=50ms")
    assert near.wait_event("endpoint_down")["reason"] == r"no answer within 300 ms, after: ERROR\r\n"


def test_a_server_that_ends_is_down_and_one_that_is_back_is_up(relay_to, server):
    memcached = server(Memcached())
    near = relay_to(f"{memcached.url}?health=tcp&{OFTEN}")
    assert near.wait_event("endpoint_up")["reason"] == "it accepts connections"
    memcached.end()
    assert near.wait_event("endpoint_down")["reason"] == "connecting: Connection refused"
    ups = len(near.events("endpoint_up"))
    memcached.start()
    near.wait_event("link_available")
    assert len(near.events("endpoint_up")) == ups + 1

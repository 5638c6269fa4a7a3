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


def test_what_is_expected_comes_after_the_question(relay_to, service):
    """Its greeting holds what is expected, its answer does not."""
    def mail(peer):
        peer.send(b"220 there are 250 messages ESMTP\r\n")
        peer.expect(b"NOOP\r\n")
        peer.send(b"421 too busy\r\n")
        peer.expect_fin()

    service.serve(mail)
    near = relay_to(f"{service.url}?health=send-expect&health_banner=ESMTP%0D%0A&health_send=NOOP%0D%0A"
                    f"&health_expect=250&health_timeout=300ms&health_interval=50ms")
    assert near.wait_event("endpoint_down")["reason"] == r"no answer within 300 ms, after: 421 too busy\r\n"


def test_a_server_that_greets_first_is_asked_and_answers(relay_to, service):
    def mail(peer):
        peer.send(b"220 mail.example ESMTP\r\n")
        peer.expect(b"NOOP\r\n")
        peer.send(b"250 OK\r\n")
        peer.expect_fin()

    service.serve(mail)
    near = relay_to(f"{service.url}?health=send-expect&health_banner=ESMTP%0D%0A&health_send=NOOP%0D%0A"
                    f"&health_expect=250%20OK&{OFTEN}")
    assert near.wait_event("endpoint_up")["reason"] == "what is expected comes back"


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

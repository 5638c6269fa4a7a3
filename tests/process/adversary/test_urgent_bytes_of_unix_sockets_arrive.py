# SPDX-License-Identifier: Apache-2.0
"""An urgent byte on a UNIX leg vanished, and the session ended as if nothing were missing."""

import socket

import pytest

from support.peer import Peer, Service


def send_urgent(peer):
    try:
        peer.socket.send(b"!", socket.MSG_OOB)
    except OSError:
        pytest.skip("UNIX sockets of this kernel know no urgent data")


def test_a_unix_services_urgent_byte_arrives_in_its_place(relay_to, tmp_path):
    path = tmp_path / "service.sock"
    with Service(path=path) as service:
        near = relay_to(f"unix://{path}")
        with Peer.connect(near.port) as consumer, service.accept() as upstream:
            upstream.send(b"before")
            send_urgent(upstream)
            upstream.send(b"behind")
            upstream.finish()
            consumer.expect(b"before!behind")
            consumer.expect_fin()


def test_that_of_a_consumer_at_a_unix_listener_too(relay_to, service, tmp_path):
    path = tmp_path / "front.sock"
    relay_to(f"{service.url}?listen=unix://{path}")
    with Peer.connect_unix(path) as consumer, service.accept() as upstream:
        consumer.send(b"before")
        send_urgent(consumer)
        consumer.send(b"behind")
        consumer.finish()
        upstream.expect(b"before!behind")
        upstream.expect_fin()

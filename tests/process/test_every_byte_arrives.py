# SPDX-License-Identifier: Apache-2.0
"""Exactness under the awkward orders of reading and writing: slow readers, writers that do not read, tiny writes."""

import socket

import pytest

from support import processes
from support.bytes import MIB, noise, sha256
from support.peer import Peer, echo

LARGEST_SESSION_BYTES = 2 * 256 * 1024  # one relay buffer per direction


def test_fifty_mib_and_a_fin_wait_for_a_consumer_that_reads_late(relay_to, service):
    data = noise(50 * MIB, seed=8)
    near = relay_to(service.url)
    with Peer.connect(near.port) as consumer:
        upstream = service.accept()
        sending = upstream.send_in_background(data)
        consumer.send(b"x")
        upstream.expect(b"x")
        assert consumer.receive(1) == data[:1]
        idle_share = processes.cpu_share(near.pid, window_s=1.0)
        rest = consumer.receive(len(data) - 1)
        sending.result()
        upstream.finish()
        upstream.close()
        assert sha256(data[:1] + rest) == sha256(data)
        consumer.expect_fin()
    assert idle_share < 0.05, "waits for the reader without spinning"
    assert near.failures() == []


def test_the_service_may_be_gone_before_the_consumer_reads_what_it_sent(relay_to, service):
    data = noise(2 * MIB, seed=9)
    near = relay_to(service.url)
    with Peer.connect(near.port, receive_buffer=64 << 10) as consumer:
        with service.accept() as upstream:
            sending = upstream.send_in_background(data)
            start = consumer.receive(100)
            sending.result()
            upstream.finish()
            upstream.wait_until_acknowledged()
        received = consumer.receive_to_end()
    assert (received.ending, sha256(start + received.data)) == ("fin", sha256(data))
    assert near.failures() == []


def test_consumers_that_do_not_read_cost_a_bounded_amount_of_memory_each(relay_to, service):
    near = relay_to(service.url)
    data = noise(64 * MIB, seed=7)
    with Peer.connect(near.port) as warm_up, service.accept() as upstream:
        sending = upstream.send_in_background(data)
        assert warm_up.receive(len(data)) == data
        sending.result()
    before = processes.resident_bytes(near.pid)
    consumers = [Peer.connect(near.port, receive_buffer=64 << 10) for _ in range(20)]
    upstreams = [service.accept() for _ in consumers]
    sending = [upstream.send_in_background(data) for upstream in upstreams]
    assert processes.cpu_share(near.pid, window_s=2.0) < 0.5
    assert processes.cpu_share(near.pid, window_s=1.0) < 0.05, "every service is stopped by its window"
    assert processes.resident_bytes(near.pid) - before < len(consumers) * LARGEST_SESSION_BYTES + 2 * MIB
    for consumer in consumers:
        consumer.reset()
    for upstream, one in zip(upstreams, sending):
        with pytest.raises(ConnectionResetError):
            one.result()
        upstream.close()


def test_both_ends_write_32_mib_before_either_reads(chain_to, service):
    near = chain_to(service.url)
    up, down = noise(32 * MIB, seed=10), noise(32 * MIB, seed=11)
    with Peer.connect(near.port) as consumer, service.accept() as upstream:
        sending = [consumer.send_in_background(up), upstream.send_in_background(down)]
        consumer_side = consumer.receive(len(down))
        upstream_side = upstream.receive(len(up))
        for one in sending:
            one.result()
        consumer.finish()
        upstream.expect_fin()
        upstream.finish()
        consumer.expect_fin()
    assert (sha256(upstream_side), sha256(consumer_side)) == (sha256(up), sha256(down))


@pytest.mark.parametrize("chunk", [1, 2, 3, 7, 61, 509, 4093])
def test_chunks_of_any_size_arrive_in_order(chain_to, service, chunk):
    service.serve(echo)
    near = chain_to(service.url)
    data = noise(4096 if chunk == 1 else 600 * chunk, seed=chunk)
    with Peer.connect(near.port) as peer:
        peer.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        reading = peer.receive_in_background(len(data))
        for start in range(0, len(data), chunk):
            peer.send(data[start:start + chunk])
        assert reading.result() == data


def test_two_hundred_round_trips_of_one_byte(chain_to, service):
    service.serve(echo)
    near = chain_to(service.url)
    with Peer.connect(near.port) as peer:
        for number in range(200):
            peer.send(bytes([number]))
            peer.expect(bytes([number]))

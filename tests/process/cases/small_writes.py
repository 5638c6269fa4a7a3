# SPDX-License-Identifier: Apache-2.0
"""Tiny writes, odd sizes and ping-pong: nothing is lost, merged wrongly or held back."""

import socket
import statistics
import time

from cases.deviation import STALLS, Deviation
from cases.ends import take, take_fin
from support.bytes import noise
from support.peer import Background

CHUNKS = (1, 2, 3, 7, 31, 61, 127, 509, 1021, 4093)
ROUND_TRIPS = 200
# A delayed acknowledgement costs 40 ms each time; a busy machine does not do that to the median.
STALL_S = 0.030


def writes_of_any_size_arrive_in_order_and_none_is_held_back(lab):
    with lab.session() as (consumer, upstream):
        for end in (consumer, upstream):
            end.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for chunk in CHUNKS:
            data = noise(4096 if chunk == 1 else 600 * chunk, seed=chunk)
            reading = Background(take, upstream, data)
            for start in range(0, len(data), chunk):
                consumer.send(data[start:start + chunk])
            reading.result()
        times = []
        for number in range(ROUND_TRIPS):
            byte = bytes([number])
            began = time.monotonic()
            consumer.send(byte)
            take(upstream, byte)
            upstream.send(byte)
            take(consumer, byte)
            times.append(time.monotonic() - began)
        consumer.finish()
        take_fin(upstream)
        upstream.finish()
        take_fin(consumer)
    median = statistics.median(times)
    if median > STALL_S:
        raise Deviation(STALLS, f"{median * 1e3:.0f} ms for a round trip")

# SPDX-License-Identifier: Apache-2.0
"""Short connections whose last block and FIN travel in one segment."""

from cases.ends import send_with_fin, take, take_fin
from support.bytes import noise


def the_last_block_and_the_fin_in_one_segment_arrive_every_time(lab):
    service = lab.service()
    relay = lab.relay_to(service)
    data = noise(3000, seed=2)
    for number in range(lab.scaled(2500, full=10_000)):
        request, reply = data[:1 + number % 1400], data[number % 1400:]
        with relay.connect() as consumer:
            send_with_fin(consumer, request)
            with lab.accept(service) as upstream:
                take(upstream, request)
                take_fin(upstream)
                send_with_fin(upstream, reply)
            take(consumer, reply)
            take_fin(consumer)

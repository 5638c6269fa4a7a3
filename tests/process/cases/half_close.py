# SPDX-License-Identifier: Apache-2.0
"""One side says that it is done, the other goes on for as long as it likes."""

from cases.ends import take, take_fin, take_nothing
from support.bytes import KIB, MIB, noise

PORT = 7000
EARLY = 100


def a_late_reply_reaches_a_consumer_that_ended_first(lab):
    request, reply = noise(MIB, seed=1), noise(MIB, seed=2)
    with lab.session() as (consumer, upstream):
        consumer.send(request)
        consumer.finish()
        take(upstream, request)
        take_fin(upstream)
        take_nothing(consumer, lab.scaled(2, full=10))
        upstream.send(reply)
        upstream.close()
        take(consumer, reply)
        take_fin(consumer)


def a_consumer_goes_on_sending_after_the_service_ended(lab):
    greeting, piece = noise(MIB, seed=3), noise(16 * KIB, seed=4)
    with lab.session() as (consumer, upstream):
        upstream.send(greeting)
        upstream.finish()
        take(consumer, greeting)
        take_fin(consumer)
        for _ in range(lab.scaled(8, full=40)):
            consumer.send(piece)
            take(upstream, piece)
            take_nothing(upstream, 0.25)
        consumer.close()
        take_fin(upstream)


def _before_the_service_answers(lab, early):
    """The consumer has ended before the relay has reached the service, whose first SYN gets lost."""
    near, far = lab.host("near"), lab.host("far")
    lab.lan(near, far)
    far.firewall("-A", "INPUT", "-p", "tcp", "--dport", str(PORT), "-j", "DROP")
    service = lab.service(on=far, port=PORT)
    relay = lab.relay_to(service, on=near, options="connect_timeout=20s&connect_total=25s")
    consumers = []
    for _ in range(EARLY):  # whether the FIN is seen before the connect begins is a matter of luck
        consumers.append(relay.connect())
        if early:
            consumers[-1].send(early)
        consumers[-1].finish()
    for consumer in consumers:
        take_nothing(consumer, 0.5 / EARLY)
    far.firewall("-F", "INPUT")
    for _ in consumers:
        with lab.accept(service) as upstream:
            take(upstream, early)
            take_fin(upstream)
            upstream.send(b"reply")
    for consumer in consumers:
        take(consumer, b"reply")
        take_fin(consumer)
        consumer.close()


def bytes_and_fin_sent_before_the_service_is_reached_arrive(lab):
    _before_the_service_answers(lab, b"hello")


def a_fin_without_a_byte_before_the_service_is_reached_arrives(lab):
    _before_the_service_answers(lab, b"")

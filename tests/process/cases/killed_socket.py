# SPDX-License-Identifier: Apache-2.0
"""The operator destroys the relay's socket to the service: the kernel says so to the relay alone."""

from cases.ends import take, take_reset


def a_destroyed_socket_to_the_service_resets_the_consumer(lab):
    near, far = lab.host("near"), lab.host("far")
    lab.lan(near, far)
    service = lab.service(on=far)
    relay = lab.relay_to(service, on=near)
    with relay.connect() as consumer, lab.accept(service) as upstream:
        consumer.send(b"hello")
        take(upstream, b"hello")
        killed = near.run("ss", "-n", "-K", "dst", far.address, "dport", "=", str(service.port))
        assert str(service.port) in killed, f"ss -K found nothing to destroy: {killed}"
        take_reset(consumer)
    lab.failed("upstream_reset")

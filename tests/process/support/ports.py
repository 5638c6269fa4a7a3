# SPDX-License-Identifier: Apache-2.0
"""Ports to listen on that nobody else will take in between."""

import random
import socket


def ephemeral_range():
    with open("/proc/sys/net/ipv4/ip_local_port_range") as file:
        low, high = file.read().split()
    return int(low), int(high)


def _is_free(port):
    for family, host in ((socket.AF_INET, ""), (socket.AF_INET6, "::")):
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            if family == socket.AF_INET6:
                probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            try:
                probe.bind((host, port))
            except OSError:
                return False
    return True


def free_port():
    """A port below the ephemeral range: one from bind(0) could become some outgoing connection's own port
    between being found and being listened on."""
    low, _ = ephemeral_range()
    while True:
        port = random.randrange(10000, low)
        if _is_free(port):
            return port

# SPDX-License-Identifier: Apache-2.0
"""Segments that stay single fill a pipe's slots long before its bytes: EAGAIN then does not mean an empty socket."""

import ctypes
import fcntl
import socket
import struct

from cases.ends import take, take_fin
from support.bytes import KIB, MIB, noise
from support.peer import Background

SIOCETHTOOL = 0x8946
ETHTOOL_STSO, ETHTOOL_SGSO, ETHTOOL_SGRO = 0x1F, 0x24, 0x2C


def _switch_off_offloads(device):
    with socket.socket() as any_socket:
        for setting in (ETHTOOL_STSO, ETHTOOL_SGSO, ETHTOOL_SGRO):
            value = ctypes.create_string_buffer(struct.pack("II", setting, 0), 8)
            request = struct.pack("16sP16x", device.encode(), ctypes.addressof(value))
            fcntl.ioctl(any_socket, SIOCETHTOOL, request)


def the_tail_of_a_stream_of_single_segments_reaches_a_slow_consumer(lab):
    hosts = [lab.host(name) for name in ("consumer", "near", "far")]
    lab.lan(*hosts)
    for host in hosts:
        host.call(_switch_off_offloads, "lan0")
    consumer_host, near, far = hosts
    data = noise(lab.scaled(6, full=24) * MIB + 23 * KIB, seed=11)
    service = lab.service(on=far)
    relay = lab.relay_to(service, on=near)
    with relay.connect(on=consumer_host, receive_buffer=32 * KIB) as consumer, lab.accept(service) as upstream:
        def send():
            upstream.send(data)
            upstream.finish()
        sending = Background(send)
        take(consumer, data, rate=4 * MIB)
        take_fin(consumer)
        sending.result()
        consumer.finish()
        take_fin(upstream)

# SPDX-License-Identifier: Apache-2.0
"""wire.py OPTIONS NAMESPACE NAMESPACE: a bad wire between two hosts, made of a TUN device in each and this process.

Packets are delayed, lost, doubled, taken out of turn and damaged by a seed, and once nothing passes for a while. Says
`ready`, and at the end of its standard input, in JSON, what it did."""

import argparse
import ctypes
import fcntl
import heapq
import json
import os
import random
import select
import struct
import sys
import time

CLONE_NEWNET = 0x40000000
TUNSETIFF = 0x400454CA
IFF_TUN, IFF_NO_PI = 1, 0x1000
PACKET_BYTES = 2048
MOST_AT_ONCE = 64


def open_tun(namespace, name):
    """The descriptor of a TUN device that lives in that namespace."""
    with open(f"/run/netns/{namespace}") as file:
        if ctypes.CDLL(None, use_errno=True).setns(file.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns")
    tun = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TUN | IFF_NO_PI))
    return tun


class Direction:
    """What happens to packets that go one way."""

    def __init__(self, options, seed):
        self.options = options
        self.random = random.Random(seed)
        self.last_due = 0.0
        self.did = dict.fromkeys(("carried", "lost", "doubled", "out_of_turn", "damaged"), 0)

    def happens(self, percent, what):
        happened = self.random.random() * 100 < percent
        self.did[what] += happened
        return happened

    def take(self, packet, now):
        """[(when it is due, packet)], none or several."""
        options = self.options
        if self.happens(options.loss, "lost"):
            return []
        if self.happens(options.damage, "damaged"):
            damaged = bytearray(packet)
            damaged[self.random.randrange(len(packet))] ^= 1 << self.random.randrange(8)
            packet = bytes(damaged)
        self.did["carried"] += 1
        due = now + max(0.0, options.delay + self.random.uniform(-options.jitter, options.jitter)) / 1000
        if self.happens(options.reorder, "out_of_turn"):
            return [(now, packet)]  # overtakes all that wait
        self.last_due = due = max(due, self.last_due)
        return [(due, packet)] * (2 if self.happens(options.duplicate, "doubled") else 1)


def drain(tun):
    packets = []
    while len(packets) < MOST_AT_ONCE:
        try:
            packets.append(os.read(tun, PACKET_BYTES))
        except BlockingIOError:
            break
    return packets


def deliver(tun, packet):
    try:
        os.write(tun, packet)
    except OSError:
        pass  # damaged beyond what the kernel takes for IP, or its queue is full: lost


def carry(tuns, options):
    """Until standard input ends. {"to_second": what was done, "to_first": ..., "outages": how many}."""
    directions = [Direction(options, options.seed), Direction(options, options.seed + 1)]
    waiting, order, outages, out_until, passed = [], 0, 0, 0.0, 0
    while True:
        now = time.monotonic()
        while waiting and waiting[0][0] <= now:
            _, _, side, packet = heapq.heappop(waiting)
            deliver(tuns[1 - side], packet)
        timeout = max(0.0, waiting[0][0] - now) if waiting else None
        ready = select.select([*tuns, sys.stdin], [], [], timeout)[0]
        if sys.stdin in ready:
            return {"to_second": directions[0].did, "to_first": directions[1].did, "outages": outages}
        now = time.monotonic()
        for side, tun in enumerate(tuns):
            for packet in drain(tun) if tun in ready else []:
                passed += 1
                if options.outage and passed == options.outage_after:
                    out_until, outages = now + options.outage, 1
                if now < out_until:
                    continue
                for due, copy in directions[side].take(packet, now):
                    order += 1
                    heapq.heappush(waiting, (due, order, side, copy))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("namespaces", nargs=2)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--name", required=True)
    for name in ("delay", "jitter", "loss", "reorder", "duplicate", "damage", "outage"):
        parser.add_argument(f"--{name}", type=float, default=0.0)
    parser.add_argument("--outage-after", type=int, default=1)
    options = parser.parse_args()
    tuns = [open_tun(namespace, options.name) for namespace in options.namespaces]
    print("ready", flush=True)
    print(json.dumps(carry(tuns, options)), flush=True)


main()

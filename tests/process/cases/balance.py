# SPDX-License-Identifier: Apache-2.0
"""Long sessions are spread over the workers, however they arrive."""

import os
import re

from cases.deviation import SKEWED, Deviation
from support.poll import eventually

SESSIONS = 1000
MOST_TO_LEAST = 1.5


def watched_sockets(pid):
    """{epoll descriptor: how many sockets it watches}."""
    found = {}
    for fd in os.listdir(f"/proc/{pid}/fd"):
        if os.readlink(f"/proc/{pid}/fd/{fd}") == "anon_inode:[eventpoll]":
            with open(f"/proc/{pid}/fdinfo/{fd}") as info:
                found[fd] = len(re.findall(r"^tfd:", info.read(), re.MULTILINE))
    return found


def _loads(relay):
    return {(pid, fd): count for pid in relay.pids() for fd, count in watched_sockets(pid).items()}


def _spread(lab, trickles):
    service = lab.service()
    relay = lab.relay_to(service, workers=2)
    before = _loads(relay)
    peers = []
    for number in range(SESSIONS):
        peers.append(relay.connect())
        if trickles or number % 100 == 99:  # the backlog of the service holds no more
            while len(peers) < 2 * (number + 1):
                peers.append(lab.accept(service))

    def grown():
        after = _loads(relay)
        return sorted((after[key] - before.get(key, 0) for key in after), reverse=True)[:2]
    eventually(lambda: sum(grown()) >= 1.9 * SESSIONS, lambda: f"{SESSIONS} sessions in the loops: {grown()}")
    most, least = grown()
    for peer in peers:
        peer.close()
    if most > MOST_TO_LEAST * max(least, 1):
        raise Deviation(SKEWED, f"{most // 2} sessions beside {least // 2}")


def a_thousand_sessions_that_arrive_at_once_are_spread_over_two_workers(lab):
    _spread(lab, trickles=False)


def a_thousand_sessions_that_arrive_one_by_one_are_spread_over_two_workers(lab):
    _spread(lab, trickles=True)

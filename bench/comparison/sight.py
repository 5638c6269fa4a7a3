# SPDX-License-Identifier: Apache-2.0
"""What it costs to be seen: requests beside nothing, and beside everything that looks on.

Blind, the program has no admin listener, leaves no records and looks at no first bytes. Seen, each session leaves a
record, Prometheus asks every second, and a page is open that follows the numbers and lists the sessions."""

import sys
from pathlib import Path

from .cases import Case
from .requests import requests

ADMIN_PORT = 21900
TOKEN = "a-token-of-the-bench-alone"
BLIND = {"AMBASSADOR_CONTROL": "none", "AMBASSADOR_RECORDS": "off", "AMBASSADOR_GLIMPSES": "off"}
SEEN = {"AMBASSADOR_CONTROL": "none", "AMBASSADOR_RECORDS": "all", "AMBASSADOR_ADMIN": f"127.0.0.1:{ADMIN_PORT}",
        "AMBASSADOR_ADMIN_TOKEN": TOKEN}
ONLOOKERS = Path(__file__).with_name("onlookers.py")


def start_blind(trial):
    return start(trial, BLIND, [])


def start_seen(trial):
    place = start(trial, SEEN, [ADMIN_PORT])
    trial.start([sys.executable, "-S", str(ONLOOKERS), str(ADMIN_PORT), TOKEN], trial.site.relay)
    return place


def start(trial, settings, further_ports):
    route = trial.route()
    found = trial.peer.start(route)
    trial.relay = trial.start(found.words, trial.site.relay, [*route.ports, *further_ports], account=trial.account,
                              environment={**found.environment, **settings})
    return trial.site.relay_address, route.ports[0], route.ports[-1]


def cases():
    def ours(peer):
        return peer.is_ours and not peer.is_variant

    for connections, title in ((50, "50 connections"), (500, "500 connections")):
        yield Case("sight", f"blind-{connections}", f"{title}, seen by nobody", requests(connections, start_relay=start_blind), suits=ours)
        yield Case("sight", f"seen-{connections}", f"{title}, records of all, metrics each second, a page open",
                   requests(connections, start_relay=start_seen), suits=ours)
    churn = {"keep": False, "rate": "connections_s"}
    yield Case("sight", "blind-churn", "a connection per request, seen by nobody", requests(50, start_relay=start_blind, **churn), suits=ours)
    yield Case("sight", "seen-churn", "a connection per request, records of all, metrics each second, a page open",
               requests(50, start_relay=start_seen, **churn), suits=ours)

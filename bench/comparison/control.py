# SPDX-License-Identifier: Apache-2.0
"""Whether what the control thread does is felt by those who are served.

The same half of a full load three times: beside nothing; beside 100 links whose names have a time to live of one second
and whose endpoints are checked every second; beside 500 clients of the admin API who never finish their request."""

import sys
from pathlib import Path

from .cases import Case
from .latency import BUSY, find_peak, half_load

NAMES = 100
FIRST_LISTEN, FIRST_CHECKED = 21000, 21500
DNSMASQ = ["dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--no-hosts", "--no-resolv", "--user=root",
           "--pid-file=", "--listen-address=127.0.0.1", "--bind-interfaces", "--cache-size=0", "--local-ttl=1",
           "--address=/bench.test/127.0.0.1"]
ASKERS, ADMIN_PORT = 500, 21900
ACCEPTOR = Path(__file__).with_name("acceptor.py")


def start_beside_names(trial):
    """The relay with its one link, and with 100 more that nobody uses."""
    namespace, route = trial.site.relay, trial.route()
    checked = range(FIRST_CHECKED, FIRST_CHECKED + NAMES)
    trial.start([sys.executable, "-S", str(ACCEPTOR), str(checked[0]), str(NAMES)], namespace, checked)
    trial.start(DNSMASQ, namespace, [53])
    resolv = route.file("resolv.conf", "nameserver 127.0.0.1\n")
    start = trial.peer.start(route)
    links = [f"N{n}_PORT_{FIRST_LISTEN + n}_TCP=tcp://n{n}.bench.test:{FIRST_CHECKED + n}"
             "?health=tcp&health_interval=1s&health_jitter=0" for n in range(NAMES)]
    words = ["unshare", "--mount", "sh", "-c", f'mount --bind "{resolv}" /etc/resolv.conf && exec "$@"', "sh",
             *start.words, *links]
    trial.relay = trial.start(words, namespace, [*route.ports, *range(FIRST_LISTEN, FIRST_LISTEN + NAMES)],
                              account=trial.account, environment=start.environment)
    return trial.site.relay_address, route.ports[0], route.ports[-1]


def start_beside_askers(trial):
    """The relay with its one link, and with askers who keep all of its admin connections busy."""
    namespace, route = trial.site.relay, trial.route()
    start = trial.peer.start(route)
    environment = {**start.environment, "AMBASSADOR_ADMIN": f"127.0.0.1:{ADMIN_PORT}",
                   "AMBASSADOR_ADMIN_TOKEN": "nobody-here-has-this-token"}
    trial.relay = trial.start(start.words, namespace, [*route.ports, ADMIN_PORT], account=trial.account,
                              environment=environment)
    trial.start([sys.executable, "-S", str(ACCEPTOR.with_name("askers.py")), str(ADMIN_PORT), str(ASKERS)], namespace, [])
    return trial.site.relay_address, route.ports[0], route.ports[-1]


def cases():
    def ours(peer):
        return peer.is_ours and not peer.is_variant

    yield Case("control", "quiet", f"{BUSY} connections at half load, beside nothing",
               half_load, suits=ours, prepare=find_peak)
    yield Case("control", "busy", f"{BUSY} connections at half load, {NAMES} names looked up and {NAMES} endpoints checked "
               "every second", lambda trial: half_load(trial, start_beside_names), suits=ours, prepare=find_peak)
    yield Case("control", "asked", f"{BUSY} connections at half load, {ASKERS} clients who never finish asking",
               lambda trial: half_load(trial, start_beside_askers), suits=ours, prepare=find_peak)

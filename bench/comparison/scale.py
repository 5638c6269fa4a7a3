# SPDX-License-Identifier: Apache-2.0
"""Whether a request costs the same beside many links, and beside many sessions that rest."""

from . import load
from .cases import Case, per_unit
from .peers import MAX_SESSIONS
from .requests import start_redis

BUSY = 50
LINKS = 1000
IDLE = min(10_000, MAX_SESSIONS - 50) - BUSY


def asked(links=1, idle=0):
    def measure(trial):
        start_redis(trial)
        with load.connected(trial, trial.start_relay(links), BUSY, idle, 0, trial.options.seconds) as ask:
            metered = trial.metered(ask)
        found = metered.result
        return {"requests_s": found["answered"] / found["seconds"],
                **per_unit(metered, found["answered"], 1e6, "relay_us", "machine_us"), "p99_ms": found["p99_us"] / 1e3}
    return measure


def cases():
    def many(peer):
        return peer.many_links and not peer.is_variant and peer.most_sessions >= IDLE + BUSY

    yield Case("scale", "base", f"{BUSY} connections, 1 link, no other session", asked(), True, many)
    yield Case("scale", "links", f"{BUSY} connections over {LINKS:,} links", asked(LINKS), True, many)
    yield Case("scale", "sessions", f"{BUSY} connections beside {IDLE:,} idle sessions", asked(idle=IDLE), True, many)

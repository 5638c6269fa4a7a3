# SPDX-License-Identifier: Apache-2.0
"""What a session costs that does nothing: memory in user space, and in the kernel."""

from . import footprint, load
from .cases import Case
from .peers import MAX_SESSIONS
from .requests import start_redis
from .trial import Failed

MOST = 20_000


def sessions_in(namespace):
    """TCP sockets in use; a session behind a relay is at least two in the relay's namespace."""
    with namespace.inside(), open("/proc/self/net/sockstat", encoding="ascii") as table:
        return int(next(line for line in table if line.startswith("TCP:")).split()[2])


def resting(wanted):
    def measure(trial):
        count = min(wanted, trial.peer.most_sessions)
        start_redis(trial)
        where = trial.start_relay()
        with load.connected(trial, where, idle=1):
            pass  # the first session may bring what is needed once
        if trial.relay:
            footprint.settle(trial.relay.pid)
        user = footprint.of_tree(trial.relay.pid)["pss_kib"] if trial.relay else 0
        kernel, sockets = footprint.of_kernel_kib(), sessions_in(trial.site.relay)
        with load.connected(trial, where, idle=count):
            if trial.peer.is_process and sessions_in(trial.site.relay) - sockets < 2 * count:
                raise Failed(f"does not hold {count:,} sessions")
            found = {"sessions": count, "kernel_kib_each": (footprint.of_kernel_kib() - kernel) / count}
            if trial.relay:
                found["user_kib_each"] = (footprint.of_tree(trial.relay.pid)["pss_kib"] - user) / count
        return found
    return measure


def cases():
    def once(peer):
        return not peer.is_variant

    yield Case("idle", "5000", "5,000 sessions", resting(5000), True, once, most_repetitions=3)
    if MAX_SESSIONS > 5000:
        reason = "" if MAX_SESSIONS >= MOST else f", for the {MOST:,} wanted are more than the descriptor limit allows"
        most = min(MOST, MAX_SESSIONS)
        yield Case("idle", "20000", f"{most:,} sessions at most{reason}", resting(most - 50), suits=once,
                   most_repetitions=3)

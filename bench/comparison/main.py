# SPDX-License-Identifier: Apache-2.0
"""The story of bench/compare: set up, measure in turns, say what came out."""

import os
import resource
import signal
import statistics
import sys
import time
from pathlib import Path

from . import bulk, machine, peers, processes, report, requests, results, schedule
from .arguments import read_arguments
from .namespaces import TOPOLOGIES, Namespace
from .spread import Summary

SCENARIOS = {"bulk": bulk, "requests": requests}


def every_case():
    return [case for scenario in SCENARIOS.values() for case in scenario.cases()]


def interrupt(*_):
    raise KeyboardInterrupt


def measure(options, cases, chosen):
    """Runs it all; the records, and whether somebody stopped it."""
    records, interrupted = [], False
    processes.adopt_orphans()
    signal.signal(signal.SIGTERM, interrupt)
    signal.signal(signal.SIGHUP, interrupt)
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    quiet_place = Namespace()
    watched = machine.Machine(quiet_place)
    try:
        schedule.run(cases, chosen, watched, options, records)
    except KeyboardInterrupt:
        interrupted = True
        print("\nstopped; this is what there is", file=sys.stderr)
    finally:
        watched.close()
        quiet_place.close()
    return records, interrupted


def noise_of(records, limit):
    return {"limit": limit, "measurements": len(records), "repeated": sum(record.attempts > 1 for record in records),
            "noisy": sum(record.noise > limit for record in records),
            **{name: statistics.median([getattr(record, name) for record in records] or [0.0]) for name in ("steal", "foreign")}}


def main():
    options = read_arguments(every_case(), peers.every_peer)
    chosen = [peer for peer in options.peers if peers.is_installed(peer)]
    load = os.getloadavg()[0]
    records, interrupted = measure(options, options.cases, chosen)
    run = {"date": time.strftime("%Y-%m-%d %H:%M"), "machine": machine.describe(), "load": [load, os.getloadavg()[0]],
           "repetitions": options.repetitions, "seconds": options.seconds, "noise": noise_of(records, options.noise),
           "versions": list(dict.fromkeys(peers.version_of(peer) for peer in chosen if peer.version))}
    summary = Summary(records)
    titles = {name: topology.title for name, topology in TOPOLOGIES.items() if name in options.topologies}
    print("\n".join(report.markdown(run, summary, options.cases, chosen, titles)))
    print(f"saved {results.save(Path(options.out), run, records)}", file=sys.stderr)
    return 130 if interrupted else 0

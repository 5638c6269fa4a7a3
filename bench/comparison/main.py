# SPDX-License-Identifier: Apache-2.0
"""The story of bench/compare: set up, measure in turns, say what came out."""

import contextlib
import os
import resource
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path

from . import (bulk, control, docs, idle, latency, load, machine, peers, processes, report, requests, results, scale, schedule,
               sight, startup, targets)
from .arguments import ROOT, read_arguments
from .namespaces import TOPOLOGIES, Namespace
from .spread import Summary


def every_case():
    return [case for scenario in (bulk, requests, latency, control, sight, idle, scale, startup) for case in scenario.cases()]


SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def interrupt(*_):
    """Once; what follows is clean-up, which has its own limits and is not to be stopped half-way."""
    for number in SIGNALS:
        signal.signal(number, lambda *_: None)
    raise KeyboardInterrupt


def set_up():
    if os.geteuid() != 0:
        sys.exit("bench/compare: network namespaces and control groups need root; start it with sudo")
    subprocess.run([ROOT / "tools/setup", "bench"], stdout=sys.stderr, check=True)
    load.build()
    processes.adopt_orphans()
    for number in SIGNALS:
        signal.signal(number, interrupt)
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def measure(options):
    """Runs it all; the records, and whether somebody stopped it."""
    records = []
    with contextlib.ExitStack() as stack:
        try:
            place = Namespace()
            stack.callback(place.close)
            watched = machine.Machine()
            stack.callback(watched.close)
            watched.start(place)
            schedule.run(options.cases, options.peers, watched, options, records)
        except KeyboardInterrupt:
            print("\nstopped; this is what there is", file=sys.stderr)
            return records, True
    return records, False


def noise_of(records, limit):
    metered = [record for record in records if record.metered]
    medians = {name: statistics.median([getattr(record, name) for record in metered] or [0.0])
               for name in ("steal", "foreign")}
    return {"limit": limit, "measurements": len(records), "repeated": sum(record.attempts > 1 for record in records),
            "noisy": sum(record.noise > limit for record in records), **medians}


def measured_now(options):
    """([run], records, interrupted), saved."""
    set_up()
    for peer in options.peers:
        if not peers.is_installed(peer):
            sys.exit(f"bench/compare: {peer.program} is not installed")
    date, before = time.strftime("%Y-%m-%d %H:%M"), os.getloadavg()[0]
    records, interrupted = measure(options)
    run = {"date": date, "machine": machine.describe(), "load": [before, os.getloadavg()[0]],
           "repetitions": options.repetitions, "seconds": options.seconds, "noise": noise_of(records, options.noise),
           "versions": list(dict.fromkeys(peers.version_of(peer) for peer in options.peers if peer.version))}
    print(f"saved as {results.save(Path(options.out), run, records)}", file=sys.stderr)
    return [run], records, interrupted


def main():
    options = read_arguments(every_case(), peers.every_peer)
    runs, records, interrupted = (*results.load_all(options.saved), False) if options.saved else measured_now(options)
    summary = Summary(records)
    titles = {name: topology.title for name, topology in TOPOLOGIES.items() if name in options.topologies}
    judged = targets.judge(summary, options.cases, options.peers, titles)
    print("\n".join(report.markdown(runs, summary, judged, options.cases, options.peers, titles)))
    if options.docs:
        print(f"wrote {docs.write(ROOT, runs, summary, judged, options.cases, options.peers, titles)}", file=sys.stderr)
    if interrupted:
        return 130
    return 1 if options.check and not (judged and all(verdict.met for verdict in judged)) else 0

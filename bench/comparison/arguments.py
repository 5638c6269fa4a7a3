# SPDX-License-Identifier: Apache-2.0
"""The command line of bench/compare."""

import argparse
import os
from pathlib import Path

from .namespaces import TOPOLOGIES

ROOT = Path(__file__).resolve().parents[2]
BINARY = ROOT / "build/release/ambassador"
QUICK_PEERS = ("direct", "ambassador", "haproxy", "haproxy-splice", "nginx")


def chosen(parser, what, words, known, default):
    """Those of `known` that a list with commas names; a word also means all that begin with it and a slash."""
    found = []
    for word in default if words is None else words.split(","):
        those = [name for name in known if name == word or name.startswith(f"{word}/")]
        if not those:
            parser.error(f"there is no {what} {word}; there are {', '.join(known)}")
        found += [name for name in those if name not in found]
    return found


def parser():
    made = argparse.ArgumentParser(prog="bench/compare", description="The ambassador beside other relays, in turns.")
    made.add_argument("--quick", action="store_true", help="the main cases and peers on loopback, in under 5 minutes")
    made.add_argument("--scenarios", metavar="A,B", help="scenarios, or scenario/case")
    made.add_argument("--peers", metavar="A,B", help="rows of the tables")
    made.add_argument("--topology", metavar="A,B", help=" and ".join(TOPOLOGIES))
    made.add_argument("--repetitions", type=int, help="of each measurement (default 5, quick 2)")
    made.add_argument("--seconds", type=float, help="of load in each (default 1.5, quick 1)")
    made.add_argument("--binary", action="append", metavar="PATH",
                      help="an ambassador; again for another (default: the release build)")
    made.add_argument("--noise", type=float, default=5, metavar="PERCENT",
                      help="measure again if steal or other programs took more (default 5)")
    made.add_argument("--out", default=str(ROOT / "bench/results"), metavar="DIR", help="where results are saved")
    made.add_argument("--check", action="store_true", help="end with status 1 if a target is missed or none was judged")
    made.add_argument("--docs", action="store_true", help="write the tables and plots of docs/performance.md")
    made.add_argument("--from", dest="saved", metavar="FILE", type=Path, action="append",
                      help="measure nothing, take a saved run; again for what another one measured besides")
    return made


def binaries_of(made, options):
    """Whole paths of the ambassadors to measure; a saved run needs none."""
    binaries = [str(Path(binary).resolve()) for binary in options.binary or [BINARY]]
    for binary in binaries if options.saved is None else []:
        if not os.access(binary, os.X_OK):
            made.error(f"there is no program at {binary}; ./run version builds one")
    return binaries


def read_arguments(cases, every_peer, words=None):
    """What was asked for, with .peers, .cases and .topologies as lists of what they name."""
    made = parser()
    options = made.parse_args(words)
    known = {peer.name: peer for peer in every_peer(binaries_of(made, options))}
    by_key = {case.key: case for case in cases}
    quick_peers = [name for name, peer in known.items()
                   if name in QUICK_PEERS or (peer.is_ours and not peer.is_variant)]
    quick_cases = [case.key for case in cases if case.in_quick]
    default_topologies = ["loopback"] if options.quick or options.scenarios else list(TOPOLOGIES)

    options.peers = [known[name] for name in
                     chosen(made, "peer", options.peers, known, quick_peers if options.quick else known)]
    options.cases = [by_key[key] for key in
                     chosen(made, "scenario", options.scenarios, by_key, quick_cases if options.quick else by_key)]
    options.topologies = chosen(made, "topology", options.topology, TOPOLOGIES, default_topologies)
    options.repetitions = options.repetitions or (2 if options.quick else 5)
    options.seconds = options.seconds or (1.0 if options.quick else 1.5)
    options.noise /= 100
    options.reference = known["ambassador"]
    options.peaks = {}  # of the reference, by topology, once somebody has asked for it
    return options

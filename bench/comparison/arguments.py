# SPDX-License-Identifier: Apache-2.0
"""The command line of bench/compare."""

import argparse
import os
import sys
from pathlib import Path

from .namespaces import TOPOLOGIES

ROOT = Path(__file__).resolve().parents[2]
BINARY = ROOT / "build/release/ambassador"
QUICK_PEERS = ("direct", "ambassador", "haproxy", "haproxy-splice", "nginx")


def chosen(parser, what, words, known):
    """Those of `known` that a list with commas names; a word also means all whose names begin with it and a slash."""
    found = []
    for word in words.split(","):
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
    made.add_argument("--seconds", type=float, help="of load in each (default 3, quick 1)")
    made.add_argument("--binary", action="append", metavar="PATH", help="an ambassador; again for another (default: the release build)")
    made.add_argument("--noise", type=float, default=5, metavar="PERCENT",
                      help="measure again if steal or other programs took more (default 5)")
    made.add_argument("--out", default=str(ROOT / "bench/results"), metavar="DIR", help="where results are saved")
    return made


def read_arguments(cases, every_peer):
    """The namespace of arguments with .cases, .peers and .topologies resolved."""
    made = parser()
    options = made.parse_args()
    binaries = [str(Path(binary).resolve()) for binary in options.binary or [BINARY]]
    for binary in binaries:
        if not os.access(binary, os.X_OK):
            made.error(f"there is no program at {binary}; ./run version builds one")
    if os.geteuid() != 0:
        sys.exit("bench/compare: network namespaces need root; start it with sudo")
    known = {peer.name: peer for peer in every_peer(binaries)}
    default_peers = ",".join(name for name, peer in known.items() if not options.quick or name in QUICK_PEERS or
                             (peer.is_ours and not name.endswith("-copy")))
    options.peers = [known[name] for name in chosen(made, "peer", options.peers or default_peers, known)]
    by_key = {case.key: case for case in cases}
    default_cases = ",".join(case.key for case in cases if not options.quick or case.in_quick)
    options.cases = [by_key[key] for key in chosen(made, "scenario", options.scenarios or default_cases, list(by_key))]
    default_topologies = "loopback" if options.quick or options.scenarios else ",".join(TOPOLOGIES)
    options.topologies = chosen(made, "topology", options.topology or default_topologies, list(TOPOLOGIES))
    options.repetitions = options.repetitions or (2 if options.quick else 5)
    options.seconds = options.seconds or (1.0 if options.quick else 3.0)
    options.noise /= 100
    return options

# SPDX-License-Identifier: Apache-2.0
"""bench/targets.toml held against a run."""

import tomllib
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from .cases import FIGURES
from .spread import Spread, ratio

FILE = Path(__file__).resolve().parents[1] / "targets.toml"
OURS = "ambassador"


@dataclass(frozen=True)
class Verdict:
    place: str
    wanted: str
    found: str
    met: bool


@dataclass(frozen=True)
class Target:
    cases: str
    figure: str
    at_most: bool
    against: str
    bound: float


def read(path=FILE):
    with open(path, "rb") as file:
        held = tomllib.load(file)["target"]
    return [Target(entry["cases"], entry["figure"], relation == "most", against, float(bound))
            for entry in held for relation in ("most", "least") for against, bound in entry.get(relation, {}).items()]


def best_of(summary, place, figure, peers):
    """(title, spread) of the relay, not ours and not the kernel, that did best; none if there was no other."""
    found = [(peer.title, spread) for peer in peers if peer.is_process and not peer.is_ours
             and (spread := summary.spread(*place, peer.name, figure)) is not None]
    better = max if FIGURES[figure].more_is_better else min
    return better(found, key=lambda each: each[1].median, default=None)


def opponent(summary, topology, case, target, peers):
    """(name for people, spread) that the target compares with, or nothing if that was not measured."""
    if target.against == "value":
        return "", Spread(1.0, 1.0, 1.0, 1)
    if target.against == "best":
        best = best_of(summary, (topology, case), target.figure, peers)
        return best and (f"the best, {best[0]}", best[1])
    if "/" in target.against:
        title, place = f"that of {target.against}", (topology, target.against, OURS)
    else:
        title = next((peer.title for peer in peers if peer.name == target.against), target.against)
        place = topology, case, target.against
    spread = summary.spread(*place, target.figure)
    return spread and (title, spread)


def judge_one(summary, topology, case, target, peers, titles):
    """A verdict, or nothing where one of both sides was not measured."""
    ours = summary.spread(topology, case.key, OURS, target.figure)
    other = opponent(summary, topology, case.key, target, peers)
    found = ratio(ours, other[1]) if other else None
    if found is None:
        return None
    times = f" × {other[0]}" if other[0] else ""
    return Verdict(f"{case.scenario}: {case.title} ({titles[topology]})",
                   f"{FIGURES[target.figure].title} {'≤' if target.at_most else '≥'} {target.bound:g}{times}",
                   f"{found:.2f}", found <= target.bound if target.at_most else found >= target.bound)


def judge(summary, cases, peers, titles, targets=None):
    """In the order of the file; `titles` is {topology: title}."""
    judged = [judge_one(summary, topology, case, target, peers, titles)
              for target in (read() if targets is None else targets) for topology in titles for case in cases
              if fnmatch(case.key, target.cases)]
    return [verdict for verdict in judged if verdict is not None]

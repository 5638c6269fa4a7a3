# SPDX-License-Identifier: Apache-2.0
"""The order of a run: in each repetition every case, in each case every peer in turn, and another one first each time.

What drifts on a machine within minutes meets all peers alike. A measurement with too much noise is made again, whatever
it gave, and the quietest one counts."""

import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from subprocess import SubprocessError

from .cases import FIGURES
from .namespaces import TOPOLOGIES
from .trial import Failed, Trial

MOST_ATTEMPTS = 3
MOST_FAILURES = 2  # of a peer in a case; what has failed so often is not waited for again


@dataclass
class Record:
    """One measurement that counts, or the reason why there is none."""
    topology: str
    case: str
    peer: str
    repetition: int
    figures: dict = field(default_factory=dict)
    steal: float = 0.0
    foreign: float = 0.0
    metered: bool = False  # it has a noise; one that measures memory has none
    attempts: int = 1
    failed: str = ""

    @property
    def noise(self):
        return max(self.steal, self.foreign)

    def as_json(self):
        return asdict(self)


def plan(cases, peers, topologies, repetitions):
    """(topology, case, peer, repetition) in the order in which they are measured. Where both topologies are, the second
    is for the cases that say so."""
    places = [(topology, case) for topology in topologies for case in cases
              if topology == topologies[0] or case.in_both]
    for repetition in range(repetitions):
        for number, (topology, case) in enumerate(places):
            if repetition >= case.most_repetitions:
                continue
            those = [peer for peer in peers if topology in peer.topologies and case.suits(peer)]
            turn = (repetition + number) % max(1, len(those))
            yield from ((topology, case, peer, repetition) for peer in those[turn:] + those[:turn])


class Progress:
    """A line for each measurement, with the time that is left going by what such measurements took."""

    def __init__(self, steps):
        self.steps, self.done, self.took = steps, 0, {}

    def expected(self, step):
        _, case, peer, _ = step
        of_case = [seconds for (key, _), seconds in self.took.items() if key == case.key]
        usual = sum(of_case) / len(of_case) if of_case else case.seconds
        return self.took.get((case.key, peer.name), usual)

    def report(self, step, record, seconds):
        topology, case, peer, repetition = step
        self.done += 1
        before = self.took.get((case.key, peer.name), seconds)
        self.took[case.key, peer.name] = (before + seconds) / 2
        left = sum(self.expected(each) for each in self.steps[self.done:])
        found = ", ".join(f"{FIGURES[name].title} {value:.{FIGURES[name].digits}f}"
                          for name, value in list(record.figures.items())[:2])
        noise = f", noise {record.noise:.0%} in the best of {record.attempts}" if record.attempts > 1 else ""
        print(f"[{self.done}/{len(self.steps)}, {left // 60:.0f} min {left % 60:02.0f} s left] {topology}, "
              f"{case.scenario}: {case.title}, round {repetition + 1}, {peer.title}: "
              f"{record.failed or found}{noise}", file=sys.stderr, flush=True)


def attempt(step, machine, options):
    topology, case, peer, repetition = step
    record = Record(topology, case.key, peer.name, repetition)
    try:
        if case.prepare is not None:
            case.prepare(TOPOLOGIES[topology], machine, options)
        with Trial(TOPOLOGIES[topology], peer, machine, options) as trial:
            record.figures = case.measure(trial)
            record.metered = bool(trial.readings)
            record.steal = max((reading.steal_share for reading in trial.readings), default=0.0)
            record.foreign = max((reading.foreign_share for reading in trial.readings), default=0.0)
    except Failed as reason:
        record.failed = " ".join(str(reason).split())
    except (ArithmeticError, LookupError, OSError, SubprocessError, ValueError) as bug:
        record.failed = f"bench/compare itself: {bug!r}"  # no reason to lose an hour of measuring
    return record


def measure(step, machine, options, retries):
    """The quietest of at most MOST_ATTEMPTS; one that is quiet enough is the last. `retries` are the run's."""
    tried = [attempt(step, machine, options)]
    while tried[-1].noise > options.noise and not tried[-1].failed and len(tried) < MOST_ATTEMPTS and retries[0] > 0:
        retries[0] -= 1
        tried.append(attempt(step, machine, options))
    best = min((each for each in tried if not each.failed), key=lambda each: each.noise, default=tried[0])
    best.attempts = len(tried)
    return best


def run(cases, peers, machine, options, records):
    """Appends to `records` as it goes, so that an interrupted run keeps what it has."""
    steps = list(plan(cases, peers, options.topologies, options.repetitions))
    progress, retries = Progress(steps), [len(steps) // (10 if options.quick else 2)]
    failures = Counter()
    for step in steps:
        start, place = time.monotonic(), (step[0], step[1].key, step[2].name)
        if failures[place] < MOST_FAILURES:
            records.append(measure(step, machine, options, retries))
        else:
            records.append(Record(*place, step[3], failed="not tried again"))
        failures[place] += bool(records[-1].failed)
        progress.report(step, records[-1], time.monotonic() - start)

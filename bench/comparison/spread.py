# SPDX-License-Identifier: Apache-2.0
"""Median, least and most of what was measured, and how two medians compare."""

import statistics
from collections import defaultdict
from dataclasses import dataclass


@dataclass(frozen=True)
class Spread:
    median: float
    least: float
    most: float
    count: int

    @classmethod
    def of(cls, numbers):
        return cls(statistics.median(numbers), min(numbers), max(numbers), len(numbers))

    def show(self, digits):
        middle, least, most = (f"{number:,.{digits}f}" for number in (self.median, self.least, self.most))
        return middle if least == most else f"{middle} ({least}–{most})"


def ratio(one, other):
    """`one` by `other`, of their medians; none where either is missing or there is nothing to divide by."""
    return None if one is None or other is None or other.median == 0 else one.median / other.median


class Summary:
    """Spreads by topology, case, peer and figure."""

    def __init__(self, records):
        numbers, self.failures = defaultdict(list), defaultdict(list)
        for record in records:
            place = record.topology, record.case, record.peer
            if record.failed:
                self.failures[place].append(record.failed)
            for figure, number in record.figures.items():
                numbers[(*place, figure)].append(number)
        self.spreads = {place: Spread.of(found) for place, found in numbers.items()}

    def spread(self, topology, case, peer, figure):
        return self.spreads.get((topology, case, peer, figure))

    def figures_of(self, topology, case):
        """In the order in which the case names them."""
        return list(dict.fromkeys(place[3] for place in self.spreads if place[:2] == (topology, case)))

    def peers_of(self, topology, case):
        """Those that were asked, even if they gave nothing."""
        return {place[2] for place in (*self.spreads, *self.failures) if place[:2] == (topology, case)}

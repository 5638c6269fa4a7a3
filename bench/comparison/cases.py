# SPDX-License-Identifier: Apache-2.0
"""The shape of what is measured: a case is one line of the report, and gives the same figures for every peer."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    title: str
    digits: int
    more_is_better: bool = False
    compared: bool = True  # a ratio to another peer's says something


FIGURES = {
    "gbit_s": Figure("Gbit/s", 1, True),
    "relay_s_per_gb": Figure("relay, CPU s/GB", 3),
    "machine_s_per_gb": Figure("machine, CPU s/GB", 3),
    "requests_s": Figure("requests/s", 0, True),
    "connections_s": Figure("connections/s", 0, True),
    "relay_us": Figure("relay, CPU µs each", 2),
    "machine_us": Figure("machine, CPU µs each", 1),
    "asked_s": Figure("asked, requests/s", 0, compared=False),
    "p50_ms": Figure("p50, ms", 3),
    "p99_ms": Figure("p99, ms", 3),
    "p999_ms": Figure("p99.9, ms", 3),
    "late_p99_ms": Figure("asked too late, p99, ms", 3, compared=False),
    "sessions": Figure("sessions", 0, compared=False),
    "user_kib_each": Figure("user space, KiB per session", 2),
    "kernel_kib_each": Figure("kernel, KiB per session", 1),
    "connect_ms": Figure("first connection, ms", 1),
    "reply_ms": Figure("first reply, ms", 1),
    "rss_kib": Figure("RSS, KiB", 0),
    "pss_kib": Figure("PSS, KiB", 0),
    "processes": Figure("processes", 0, compared=False),
    "threads": Figure("threads", 0, compared=False),
    "program_kib": Figure("program, KiB", 0),
    "libraries_kib": Figure("with libraries, KiB", 0),
}


@dataclass(frozen=True)
class Case:
    scenario: str
    name: str
    title: str
    measure: Callable  # (Trial) -> {figure: number}
    in_quick: bool = False
    suits: Callable = lambda peer: True
    in_both: bool = False  # a full run measures it over veth, too
    prepare: Callable | None = None  # (topology, machine, options), before each trial
    most_repetitions: int = 1000
    seconds: float = 4.0  # what one takes, roughly, for the time left

    @property
    def key(self):
        return f"{self.scenario}/{self.name}"


def per_unit(metered, units, scale, relay, machine):
    """Figures for CPU time by unit of work; without a relay's process there is only the machine's."""
    found = {machine: metered.machine.busy_s * scale / units}
    return {relay: metered.relay_s * scale / units, **found} if metered.relay_s > 0 else found

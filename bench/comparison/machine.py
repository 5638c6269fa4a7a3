# SPDX-License-Identifier: Apache-2.0
"""What the whole machine did: busy time, time that the host took away, and what programs that are not ours used.

While it is watched, one spinner of the scheduling class SCHED_IDLE runs on each CPU: it gives way to everybody, but a
virtual CPU that never halts is not taken from us and woken late. The spinners' time is no busy time."""

import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from . import accounts, processes

KERNEL_THREAD = 0x00200000
SPIN = [sys.executable, "-S", "-c", "while True: pass"]


@dataclass(frozen=True)
class Sample:
    seconds: float
    idle_s: float
    steal_s: float
    spinners_s: float
    foreign_s: float


@dataclass(frozen=True)
class Reading:
    """Between two samples. The shares are of all CPUs' time."""
    seconds: float
    busy_s: float
    steal_share: float
    foreign_share: float

    @property
    def noise(self):
        return max(self.steal_share, self.foreign_share)


def idle_and_steal_s():
    user, nice, system, idle, iowait, irq, softirq, steal = (
        int(word) * accounts.TICK_S for word in Path("/proc/stat").read_text().split()[1:9])
    return idle + iowait, steal


def foreign_s():
    """User programs that are no children of ours: a build in another window, say. A child's time is in its own line
    until its parent has waited for it, and in the parent's from then on, so the sum only grows."""
    ours, ticks = set(processes.tree(os.getpid())), 0
    for entry in os.scandir("/proc"):
        if not entry.name.isdigit() or int(entry.name) in ours:
            continue
        try:
            fields = Path(entry.path, "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if not int(fields[6]) & KERNEL_THREAD:
            ticks += sum(int(field) for field in fields[11:15])
    return ticks * accounts.TICK_S


class Machine:
    """Has its spinners between start() and close()."""

    def __init__(self):
        self.cpus, self.spinners = os.cpu_count(), []
        self.account = accounts.open_account("spinners")

    def start(self, namespace):
        for cpu in sorted(os.sched_getaffinity(0)):
            self.spinners.append(self.spin_on(cpu, namespace))

    def spin_on(self, cpu, namespace):
        def give_way():
            os.sched_setaffinity(0, {cpu})
            os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
        return processes.start(SPIN, namespace=namespace, account=self.account, before_exec=give_way)

    def sample(self):
        foreign = foreign_s()
        idle, steal = idle_and_steal_s()
        spinners = self.account.cpu_s([spinner.pid for spinner in self.spinners])
        return Sample(time.perf_counter(), idle, steal, spinners, foreign)

    def between(self, start, end):
        seconds = end.seconds - start.seconds
        capacity = seconds * self.cpus
        steal = end.steal_s - start.steal_s
        foreign = max(end.foreign_s - start.foreign_s, 0.0)
        busy = capacity - (end.idle_s - start.idle_s) - steal - (end.spinners_s - start.spinners_s) - foreign
        return Reading(seconds, max(busy, 0.0), max(steal, 0.0) / capacity, foreign / capacity)

    def pids(self):
        return {spinner.pid for spinner in self.spinners}

    def close(self):
        for spinner in self.spinners:
            processes.end_tree(spinner)
        processes.end_others(set())  # one that was being started when somebody stopped us
        self.account.close()


def describe():
    """What a result must say of the machine that it was measured on."""
    model = re.findall(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text()) or [os.uname().machine]
    virtual = subprocess.run(["systemd-detect-virt"], capture_output=True, text=True, check=False).stdout.strip() \
        if Path("/usr/bin/systemd-detect-virt").exists() else "unknown"
    return {"kernel": os.uname().release, "cpu": model[0].strip(), "cpus": os.cpu_count(), "virtualisation": virtual,
            "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
            "cpu_time_from": accounts.kind()}

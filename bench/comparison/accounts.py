# SPDX-License-Identifier: Apache-2.0
"""CPU time of a group of processes and all their children, those that have ended included."""

import os
from pathlib import Path

from . import processes

V1 = Path("/sys/fs/cgroup/cpuacct")
V2 = (Path("/sys/fs/cgroup"), Path("/sys/fs/cgroup/unified"))
TICK_S = 1 / os.sysconf("SC_CLK_TCK")


class CgroupAccount:
    """A control group made for this; version 1 counts in nanoseconds, version 2 in microseconds."""

    def __init__(self, path, read):
        path.mkdir(parents=True, exist_ok=True)
        self.path, self.read = path, read

    def join(self):
        (self.path / "cgroup.procs").write_text("0")

    def cpu_s(self, _roots=()):
        return self.read(self.path)

    def close(self):
        for _ in range(100):
            try:
                return self.path.rmdir()
            except OSError:  # the last process has been waited for, but the kernel is not done with it
                os.sched_yield()
        return None


class ProcessAccount:
    """Where there is no such control group: the sum over the tree, to a tick of the clock."""

    def join(self):
        pass

    def cpu_s(self, roots=()):
        return sum(cpu_ticks(pid) for root in roots for pid in processes.tree(root)) * TICK_S

    def close(self):
        pass


def cpu_ticks(pid):
    """User and system time of a process and of the children it has waited for."""
    try:
        return sum(int(word) for word in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:15])
    except OSError:
        return 0


def read_v1(path):
    return int((path / "cpuacct.usage").read_text()) / 1e9


def read_v2(path):
    lines = dict(line.split() for line in (path / "cpu.stat").read_text().splitlines())
    return int(lines["usage_usec"]) / 1e6


def kind():
    """cgroup v1, cgroup v2 or /proc: what this machine can do."""
    if (V1 / "cpuacct.usage").exists() and os.access(V1, os.W_OK):
        return "cgroup v1"
    if any((top / "cgroup.controllers").exists() and os.access(top, os.W_OK) for top in V2):
        return "cgroup v2"
    return "/proc"


def open_account(name):
    name = f"ambassador-bench-{os.getpid()}-{name}"
    if kind() == "cgroup v1":
        return CgroupAccount(V1 / name, read_v1)
    if kind() == "cgroup v2":
        top = next(top for top in V2 if (top / "cgroup.controllers").exists())
        return CgroupAccount(top / name, read_v2)
    return ProcessAccount()

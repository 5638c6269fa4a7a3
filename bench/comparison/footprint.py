# SPDX-License-Identifier: Apache-2.0
"""Memory of a process tree and of the kernel."""

import re
import time
from pathlib import Path

from . import processes

KERNEL = ("SUnreclaim", "KernelStack", "PageTables")
SETTLED_KIB, SETTLE_LIMIT_S = 128, 3.0


def field(path, name):
    """A number of a file of /proc; 0 if it says nothing of it, or of a process that has just ended."""
    try:
        found = re.search(rf"^{name}:\s+(\d+)", Path(path).read_text(), re.MULTILINE)
    except OSError:
        return 0
    return int(found.group(1)) if found else 0


def settle(pid):
    """Waits until processes have stopped ending below this one: the children of sessions that are over."""
    deadline, before = time.monotonic() + SETTLE_LIMIT_S, -1
    while time.monotonic() < deadline and before != (before := len(processes.tree(pid))):
        time.sleep(0.1)


def of_tree(pid):
    """Sums over the process and all below it, in KiB. PSS divides a shared page among those that share it."""
    tree = processes.tree(pid)
    return {"rss_kib": sum(field(f"/proc/{each}/status", "VmRSS") for each in tree),
            "pss_kib": sum(field(f"/proc/{each}/smaps_rollup", "Pss") for each in tree),
            "processes": len(tree),
            "threads": sum(field(f"/proc/{each}/status", "Threads") for each in tree)}


def of_kernel_kib():
    """Sockets, stacks and page tables of everybody, once what was freed a moment ago has gone."""
    def read():
        return sum(field("/proc/meminfo", name) for name in KERNEL)

    deadline, before = time.monotonic() + SETTLE_LIMIT_S, read()
    while time.monotonic() < deadline:
        time.sleep(0.1)
        now = read()
        if abs(now - before) <= SETTLED_KIB:
            return now
        before = now
    return before

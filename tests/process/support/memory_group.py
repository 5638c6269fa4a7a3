# SPDX-License-Identifier: Apache-2.0
"""A memory limit for one program and its children, as `docker run --memory` sets it: a control group of its own."""

import os
import secrets
from pathlib import Path

from support.poll import eventually

ROOT = Path("/sys/fs/cgroup/memory")


def why_none():
    """Empty where such groups can be made. Version 2 charges sockets to the same limit and would be another test."""
    if not (ROOT / "memory.limit_in_bytes").exists():
        return "no memory controller of control groups version 1"
    return "" if os.access(ROOT, os.W_OK) else "control groups need root"


class MemoryGroup:
    """Limits the memory of processes, and apart from it what the kernel holds for their TCP sockets."""

    def __init__(self, limit_bytes):
        own = [line for line in Path("/proc/self/cgroup").read_text().splitlines() if ":memory:" in line][0]
        parent = ROOT / own.split(":", 2)[2].lstrip("/")
        self.path = (parent if parent.exists() else ROOT) / f"amb-{os.getpid()}-{secrets.token_hex(3)}"
        self.path.mkdir()
        for name in ("memory.limit_in_bytes", "memory.kmem.tcp.limit_in_bytes"):
            (self.path / name).write_text(str(limit_bytes))

    @property
    def prefix(self):
        return ["sh", "-c", 'echo $$ > "$0/cgroup.procs" && exec "$@"', str(self.path)]

    def read(self, name):
        return int((self.path / name).read_text())

    def killed(self):
        """How many processes the kernel has killed for want of memory."""
        text = (self.path / "memory.oom_control").read_text()
        return int(dict(line.split() for line in text.splitlines()).get("oom_kill", 0))

    def remove(self):
        """Once its processes are gone; the kernel may take a moment to notice."""
        eventually(self._is_removed, f"{self.path} empty")

    def _is_removed(self):
        try:
            self.path.rmdir()
        except OSError:
            return False
        return True

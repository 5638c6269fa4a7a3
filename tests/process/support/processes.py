# SPDX-License-Identifier: Apache-2.0
"""A look at a running process through /proc: its descriptors, threads and processor time."""

import os
import pathlib
import subprocess
import time

TERM_PATIENCE_S = 20


def descriptors(pid):
    """{fd: what it is}, without those that vanish while we look."""
    found = {}
    for fd in os.listdir(f"/proc/{pid}/fd"):
        try:
            found[int(fd)] = os.readlink(f"/proc/{pid}/fd/{fd}")
        except FileNotFoundError:
            pass
    return found


def pipe_ends(pid):
    return sum(1 for what in descriptors(pid).values() if what.startswith("pipe:"))


def threads(pid):
    return len(os.listdir(f"/proc/{pid}/task"))


def cpu_seconds(pid):
    total_ns = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        try:
            with open(f"/proc/{pid}/task/{task}/schedstat") as file:
                total_ns += int(file.read().split()[0])
        except FileNotFoundError:
            pass
    return total_ns / 1e9


def cpu_share(pid, window_s=0.3):
    """Processor time used per second of wall time over a short window: 1.0 is one core spinning."""
    before, began = cpu_seconds(pid), time.monotonic()
    time.sleep(window_s)
    return (cpu_seconds(pid) - before) / (time.monotonic() - began)


def resident_bytes(pid):
    with open(f"/proc/{pid}/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def end(process):
    """TERM, then KILL if it does not listen; never by name."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(TERM_PATIENCE_S)
        except subprocess.TimeoutExpired:
            process.kill()
    process.wait()


def is_stopped(pid):
    """Whether SIGSTOP has reached every thread: kill() does not wait for that."""
    stats = [path.read_text() for path in pathlib.Path(f"/proc/{pid}/task").glob("*/stat")]
    return all(stat.rpartition(")")[2].split()[0] == "T" for stat in stats)


def forget_peak(pid):
    """From now on peak_bytes() counts anew."""
    with open(f"/proc/{pid}/clear_refs", "w") as file:
        file.write("5")


def peak_bytes(pid):
    """The most that was resident at any moment, however short."""
    with open(f"/proc/{pid}/status") as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith("VmHWM:"))

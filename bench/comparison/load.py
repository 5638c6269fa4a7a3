# SPDX-License-Identifier: Apache-2.0
"""bench/load: connections that rest, and connections that ask, in a closed loop or at a rate of their own."""

import contextlib
import json
import select
import subprocess
from pathlib import Path

from .trial import Failed

SOURCE = Path(__file__).resolve().parents[1] / "load"
PROGRAM = Path(__file__).resolve().parents[2] / "build/bench/load"
READY_LIMIT_S = 60


def build():
    """Compiles it if a source is newer than the program."""
    sources = sorted(SOURCE.glob("*.cc"))
    newest = max(source.stat().st_mtime for source in SOURCE.iterdir())
    if PROGRAM.exists() and PROGRAM.stat().st_mtime >= newest:
        return
    PROGRAM.parent.mkdir(parents=True, exist_ok=True)
    fresh = PROGRAM.with_suffix(".new")
    subprocess.run(["g++", "-std=c++23", "-O2", "-Wall", "-Wextra", *map(str, sources), "-o", str(fresh)], check=True)
    fresh.rename(PROGRAM)


def read_line(process, limit_s):
    """One line of what it prints; it must come within the limit."""
    if not select.select([process.stdout], [], [], limit_s)[0]:
        raise Failed("the load generator says nothing")
    line = process.stdout.readline()
    if not line:
        said = process.stderr.read().decode(errors="replace").strip()
        raise Failed(said or "the load generator ended")
    return line.decode().strip()


@contextlib.contextmanager
def connected(trial, where, busy=0, idle=0, rate=0.0, seconds=0.0):
    """All connections are made and have had an answer; gives ask(), which loads the busy ones and tells how it went."""
    host, first, last = where
    words = [str(PROGRAM), host, str(first), str(last), str(busy), str(idle), str(rate), str(seconds)]
    process = trial.start(words, trial.site.client,
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def ask():
        process.stdin.write(b"\n")
        process.stdin.flush()
        return json.loads(read_line(process, seconds + READY_LIMIT_S))

    with process.stdin, process.stdout, process.stderr:
        if read_line(process, READY_LIMIT_S) != "ready":
            raise Failed("the load generator speaks another language")
        yield ask

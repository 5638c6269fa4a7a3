# SPDX-License-Identifier: Apache-2.0
"""The shipped program as a user runs it: words and variables in, log lines and an exit code out."""

import functools
import os
import signal
import subprocess
from pathlib import Path

from support import processes
from support.poll import eventually
from support.records import Records

ROOT = Path(__file__).resolve().parents[3]
BINARY = os.environ.get("AMBASSADOR_BINARY", str(ROOT / "build/release/ambassador"))
PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
QUIET_CPU_SHARE = {"shipped": 0.02, "sanitized": 0.1}  # some ask their services twenty times a second


@functools.cache
def is_sanitized(binary):
    """Built with AddressSanitizer, whose own memory hides what the program uses."""
    return b"__asan_init" in Path(binary).read_bytes()


def environment(variables):
    """Nothing of the test's own environment reaches the program, which can be steered only where a test says so."""
    return {"PATH": PATH, "AMBASSADOR_CONTROL": "none", **(variables or {})}


class Outcome:
    """What a run that ends by itself left behind."""

    def __init__(self, completed):
        self.code = completed.returncode
        self.out = completed.stdout.decode("utf-8", "backslashreplace")
        self.err = completed.stderr.decode("utf-8", "backslashreplace")
        self.records = Records(_Lines(completed.stderr))
        self.records.join()

    def __repr__(self):
        return f"exit {self.code}\nstdout:\n{self.out}\nstderr:\n{self.err}"


class _Lines:
    def __init__(self, data):
        self._lines = data.splitlines(keepends=True)

    def __iter__(self):
        return iter(self._lines)

    def close(self):
        pass


def run_to_end(*words, env=None, prefix=(), within=20):
    """For `check`, `version` and refusals: runs the program until it ends, and fails if it does not."""
    completed = subprocess.run([*prefix, BINARY, *words], env=environment(env), stdin=subprocess.DEVNULL,
                               capture_output=True, timeout=within, check=False)
    return Outcome(completed)


class Ambassador:
    """A running ambassador. `prefix` is a command that execs it (ip netns exec, prlimit, setpriv)."""

    def __init__(self, *words, env=None, prefix=(), stderr=subprocess.PIPE, expect_exit=0, settles=True):
        self.expect_exit = expect_exit
        self.settles = settles
        self.port = None  # set by those who start one for a single link
        self.process = subprocess.Popen([*prefix, BINARY, *words], env=environment(env), stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=stderr, start_new_session=True)
        self.pid = self.process.pid
        self.records = None
        self._baseline = None
        if stderr == subprocess.PIPE:
            self.records = Records(self.process.stderr, fails_early=lambda: self.process.poll() is not None)

    def wait_ready(self):
        self.records.wait("ready", within=30)
        self.note_baseline()
        return self

    def note_baseline(self):
        """Called once every listener accepts: from now on descriptors and threads may come, but must go."""
        self._baseline = (processes.descriptors(self.pid), processes.threads(self.pid))

    def events(self, name, **fields):
        return self.records.of(name, **fields)

    def wait_event(self, name, within=20.0, **fields):
        return self.records.wait(name, within, **fields)

    def failures(self):
        """Of each failed session the reason; lines that stand for many of a storm count as many."""
        return [record["reason"] for record in self.events("session_failed") for _ in range(record.get("more", 1))]

    def wait_failures(self, *reasons):
        """Exactly these close reasons have been logged, in any order, and no other."""
        eventually(lambda: len(self.failures()) >= len(reasons),
                   lambda: f"{len(reasons)} failed sessions, only {len(self.failures())}")
        assert sorted(self.failures()) == sorted(reasons)

    def signal(self, number):
        self.process.send_signal(number)

    def wait_exit(self, within=20):
        """Its exit code, once its log has been read to the end too."""
        code = self.process.wait(within)
        if self.records:
            self.records.join()
        return code

    def alive(self):
        return self.process.poll() is None

    def check_settled(self):
        """No session left: descriptors and threads back at the baseline, and the processor left alone."""
        fds, thread_count = self._baseline

        def back():
            return len(processes.descriptors(self.pid)) <= len(fds)
        eventually(back, lambda: f"left over: {self._left_over(fds)}", within=10)
        assert processes.threads(self.pid) <= thread_count
        quiet = QUIET_CPU_SHARE["sanitized" if is_sanitized(BINARY) else "shipped"]
        eventually(lambda: processes.cpu_share(self.pid) < quiet, "the processor left alone", within=10)

    def _left_over(self, before):
        return {fd: what for fd, what in processes.descriptors(self.pid).items() if before.get(fd) != what}

    def stop(self):
        """The settle check, then TERM; an idle ambassador exits with 0 and says so."""
        if self.alive() and self.settles and self._baseline:
            self.check_settled()
        if self.alive():
            self.signal(signal.SIGTERM)
        code = self.wait_exit()
        assert code == self.expect_exit, f"exit {code}, expected {self.expect_exit}:\n{self.log()}"
        if self.records:
            self.records.check()

    def kill(self):
        """The end for a test that has failed already, or a process that would not stop."""
        if self.alive():
            self.process.kill()
        self.process.wait()

    def log(self):
        return self.records.text() if self.records else "(its log was not collected)"

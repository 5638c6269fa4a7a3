# SPDX-License-Identifier: Apache-2.0
"""The commands that go on until somebody ends them, on a terminal and into a pipe: status --watch and events."""

import json
import signal
import subprocess
import threading
import time

from support.ambassador import BINARY, environment
from support.poll import eventually
from support.steered import other, steered  # the fixtures
from support.terminal import OnTerminal


def test_status_is_coloured_on_a_terminal_and_not_against_its_users_wish(steered):
    for env, is_coloured in (({}, True), ({"NO_COLOR": "1"}, False)):
        with OnTerminal("status", env={**steered.env, **env}) as terminal:
            assert terminal.end() == 0
            assert ("\x1b[31mdown\x1b[0m" in terminal.seen) == is_coloured, terminal.seen


def test_a_watched_status_is_redrawn_in_place_and_leaves_the_terminal_as_it_was(steered):
    with OnTerminal("status", "--watch", env=steered.env, columns=100, rows=30) as terminal:
        terminal.wait_for("\x1b[H", times=3)
        assert terminal.seen.startswith("\x1b[?1049h\x1b[?25l"), "another screen, and no cursor"
        assert "/s" in terminal.seen and terminal.seen.count("\x1b[2J") == 0, "drawn over, not wiped"
        terminal.press(b"\x03")
        assert terminal.end() == 0
        assert terminal.seen.endswith("\x1b[?25h\x1b[?1049l")


def test_a_watched_status_fits_a_terminal_that_becomes_small(steered):
    with OnTerminal("status", "--watch", env=steered.env, columns=100, rows=30) as terminal:
        terminal.wait_for("db.main")
        terminal.resize(80, 5)
        terminal.wait_for("lines more")
        assert len(terminal.seen.rpartition("\x1b[H")[2].split("\r\n")) <= 5
        terminal.press(b"\x03")
        assert terminal.end() == 0


def test_a_watched_status_ends_with_the_program(steered):
    with OnTerminal("status", "--watch", env=steered.env) as terminal:
        terminal.wait_for("db.main")
        steered.ambassador.signal(signal.SIGTERM)
        assert terminal.end() == 69
        assert "\x1b[?25h\x1b[?1049l" in terminal.seen and "no ambassador answers" in terminal.seen


class Followed:
    """`ambassador events` with what it has printed."""

    def __init__(self, env):
        self.process = subprocess.Popen([BINARY, "events"], env=environment(env), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.lines = []
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.append(json.loads(line))

    def heard(self, event):
        return [line for line in self.lines if line["event"] == event]

    def end(self):
        code = self.process.wait(20)
        self._thread.join(20)
        return code


def test_events_are_followed_until_ctrl_c(steered, other):
    followed = Followed(steered.env)
    def rewired():
        steered.run("rewire", "redis", other.url)
        steered.run("rewire", "redis", "--back")
        return followed.heard("rewired")
    event = eventually(rewired, "an event")[0]
    assert event["link"] == "redis" and event["level"] == "info" and event["time"]
    followed.process.send_signal(signal.SIGINT)
    assert followed.end() == 0
    assert followed.process.stderr.read() == b""


def test_events_end_with_the_program(steered):
    followed = Followed(steered.env)
    def listens():
        steered.run("drain", "redis")
        steered.run("resume", "redis")
        return followed.lines
    eventually(listens, "it listens")
    steered.ambassador.signal(signal.SIGTERM)
    assert followed.end() == 0
    assert followed.heard("stopping")


def test_events_on_a_terminal_are_lines_of_the_log(steered, other):
    with OnTerminal("events", env={**steered.env, "NO_COLOR": "1"}) as terminal:
        deadline = time.monotonic() + 20
        while "rewired" not in terminal.seen and time.monotonic() < deadline:
            steered.run("rewire", "redis", other.url)
            steered.run("rewire", "redis", "--back")
            terminal.look()
        terminal.wait_for("info    rewired link=redis")
        terminal.resize(40, 10)
        steered.run("drain", "redis")
        terminal.wait_for("link_drained")
        terminal.press(b"\x03")
        assert terminal.end() == 0


def test_events_end_when_their_reader_has_gone(steered):
    shell = subprocess.Popen(["sh", "-c", '"$0" events | head -n 1', BINARY], env=environment(steered.env),
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    def ended():
        steered.run("drain", "redis")
        steered.run("resume", "redis")
        return shell.poll() is not None
    eventually(ended, "the pipe to end")
    out, err = shell.communicate()
    assert len(out.splitlines()) == 1 and err == b""

# SPDX-License-Identifier: Apache-2.0
"""What ./run demo shows, once it is built: PONG through two ambassadors, rewiring by hand, and nothing left behind."""

import os
import re
import signal
import socket
import subprocess

import pytest

from support import processes
from support.ambassador import BINARY, ROOT, environment
from support.poll import eventually

DEMO = [ROOT / "tools/demo", BINARY]


class Serving:
    """A demo that serves until it is told to stop, with what it has printed so far."""

    def __init__(self, directory):
        self.output_path = directory / "output"
        with open(self.output_path, "wb") as output:
            self.process = subprocess.Popen(DEMO, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                                            env=environment({"TMPDIR": str(directory)}))
        eventually(lambda: "Ctrl-C ends the chain" in self.output(), self.output)
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children") as children:
            self.children = [int(pid) for pid in children.read().split()]

    def output(self):
        return self.output_path.read_text()

    def printed(self, pattern):
        return re.search(pattern, self.output(), re.MULTILINE).group(1)


def is_gone(pid):
    """Ended, whether or not its new parent has noticed."""
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def answers(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", int(port))) == 0


@pytest.fixture
def serving(tmp_path):
    demo = Serving(tmp_path)
    yield demo
    processes.end(demo.process)


def test_once_ends_after_the_proof():
    demo = subprocess.run([*DEMO, "--once"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
                          check=False)
    assert demo.returncode == 0, demo.stderr
    assert re.match(r"\$ redis-cli -p \d+ PING\nPONG\n", demo.stdout)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_whatever_ends_it_ends_all_that_it_started(serving, number):
    assert len(serving.children) == 3
    serving.process.send_signal(number)
    serving.process.wait(20)
    for pid in serving.children:
        eventually(lambda pid=pid: is_gone(pid), f"process {pid} lives on")


@pytest.fixture
def shell():
    """shell(line): a line as typed into another terminal; what still runs is ended with the test."""
    started = []

    def type_in(line):
        started.append(subprocess.Popen(line, shell=True, env=environment({}), stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL))
        return started[-1]

    yield type_in
    for process in started:
        processes.end(process)


def test_the_printed_commands_rewire_it(serving, shell):
    other_redis = serving.printed(r"^  (redis-server .*) --daemonize yes$")
    near_port = serving.printed(r"^  redis-cli -p (\d+) SET")
    shell(f"exec {other_redis}")
    eventually(lambda: answers(other_redis.split("--port ")[1].split()[0]), "the other redis does not listen")

    assert shell(serving.printed(r"^  (kill \d+)$")).wait(20) == 0
    eventually(lambda: "has ended with status 0" in serving.output(), serving.output)
    shell("exec env " + serving.printed(r"^  (REDIS_PORT_\d+_TCP=.*)$"))
    eventually(lambda: answers(near_port), "the new ambassador does not listen")

    assert shell(serving.printed(r"^  (redis-cli .* INFO server .*)$")).wait(20) == 0
    assert serving.process.poll() is None


def test_a_redis_that_dies_is_reported_with_its_log(serving):
    os.kill(serving.children[0], signal.SIGKILL)
    assert serving.process.wait(20) == 1
    assert "redis-server ended with status -9" in serving.output()
    assert all(is_gone(pid) for pid in serving.children)


def test_without_redis_it_says_what_to_install():
    python = "/usr/bin/python3"
    demo = subprocess.run([python, *DEMO, "--once"], env={"PATH": "/nonexistent"}, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=60, check=False)
    assert demo.returncode == 1
    assert demo.stderr == ("./run demo: redis-server or redis-cli is not installed; "
                           "tools/setup demo installs both\n")

# SPDX-License-Identifier: Apache-2.0
"""Standard output is full, closed, or read by somebody who goes: the exit code says so, and nobody waits for more."""

import subprocess

import pytest

from support.ambassador import BINARY, environment
from support.steered import other, steered  # the fixtures

ALONE = [["version"], ["version", "--json"], ["--help"], ["check", "--help"], ["--version"],
         ["check", "redis", "6379"], ["check", "--json", "redis", "6379"]]
ASKING = [["status"], ["status", "--json"], ["sessions"], ["why", "redis"], ["healthcheck"], ["reload"], ["wait", "redis"],
          ["rewire", "redis", "tcp://127.0.0.1:9", "--dry-run"]]


def code_with_full_output(words, env=None):
    with open("/dev/full", "wb") as full:
        return subprocess.run([BINARY, *words], env=environment(env), stdin=subprocess.DEVNULL, stdout=full,
                              stderr=subprocess.DEVNULL, timeout=20, check=False).returncode


def code_with_closed_output(words, env=None):
    return subprocess.run(["sh", "-c", 'exec "$@" >&-', "sh", BINARY, *words], env=environment(env),
                          stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=20, check=False).returncode


@pytest.mark.parametrize("words", ALONE, ids=" ".join)
def test_a_command_says_that_its_output_was_lost(words):
    assert code_with_full_output(words) == 74
    assert code_with_closed_output(words) == 74


def test_so_does_each_that_asks_a_running_one(steered):
    for words in ASKING:
        assert code_with_full_output(words, steered.env) == 74, words
        assert code_with_closed_output(words, steered.env) == 74, words


def test_events_end_when_their_reader_has_gone_though_nothing_happens(steered):
    follower = subprocess.Popen([BINARY, "events"], env=environment(steered.env), stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    follower.stdout.close()
    assert follower.wait(20) == 0
    follower.stderr.close()

# SPDX-License-Identifier: Apache-2.0
"""Programs start at once at one place: one has the control socket, the others say so."""

import os
import shutil
import signal
import subprocess

import pytest

from support.ambassador import BINARY, environment
from support.control import Control
from support.poll import eventually

# Of a slow machine, or a full one: a socket that is bound and does not listen yet looks like a dead program's.
SLOW_TO_LISTEN = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=listen", "-e", "inject=listen:delay_enter=3000000"]


@pytest.fixture
def starter(tmp_path):
    """starter(prefix): one more that wants the place."""
    started, place = [], tmp_path / "control.sock"

    def start(*prefix):
        link = {"SVC_PORT_80_TCP": f"tcp://192.0.2.1:9?listen=unix://{tmp_path}/svc-{len(started)}.sock"}
        started.append(subprocess.Popen([*prefix, BINARY], stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
                                        env=environment({**link, "AMBASSADOR_CONTROL": str(place)}), start_new_session=True))
        return started[-1]

    yield start
    for one in started:
        if one.poll() is None:
            os.killpg(one.pid, signal.SIGKILL)
        one.wait()
        one.stderr.close()


def expect_refused(one, place):
    assert one.wait(20) == 64
    assert f"cannot listen on {place}: Address already in use".encode() in one.stderr.read()


@pytest.mark.strace
def test_one_wins_though_it_takes_its_time(starter, tmp_path):
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed")
    place = tmp_path / "control.sock"
    slow = starter(*SLOW_TO_LISTEN)
    eventually(place.exists, "its socket")
    expect_refused(starter(), place)
    eventually(lambda: answers(place), "the first one")
    assert slow.poll() is None
    expect_refused(starter(), place)


def answers(place):
    try:
        return Control(place).get("/v1/live")["is_live"]
    except OSError:
        return False

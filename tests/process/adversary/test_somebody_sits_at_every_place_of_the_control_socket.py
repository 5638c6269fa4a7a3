# SPDX-License-Identifier: Apache-2.0
"""Another user has taken all places where the control socket could be: that costs the socket, not the start."""

import os
import subprocess
import sys

import pytest

from support.ambassador import run_to_end
from support.network import skip_without_namespaces

NOBODY, EVE = 65534, 4711
SQUATTER = """
import os, socket, sys
os.setuid(int(sys.argv[1]))
taken = [socket.socket(socket.AF_UNIX) for _ in sys.argv[2:]]
for one, name in zip(taken, sys.argv[2:]):
    one.bind("\\0" + name)
    one.listen()
print("taken", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def squatted():
    """A network where EVE has every abstract name of NOBODY."""
    if os.geteuid() != 0:
        pytest.skip("only root can make namespaces and become another user")
    skip_without_namespaces()
    name = f"ambassador-control-{NOBODY}"
    names = [name, *(f"{name}-{number}" for number in range(2, 10))]
    eve = subprocess.Popen(["unshare", "--net", "--mount", "sh", "-ec",
                            "ip link set lo up; mount -t tmpfs -o mode=755 none /run; mount -t tmpfs -o mode=755 none /tmp; exec \"$@\"",
                            "sh", sys.executable, "-c", SQUATTER, str(EVE), *names],
                           stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert eve.stdout.readline() == "taken\n"
        yield ["nsenter", f"--target={eve.pid}", "--net", "--mount", "setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}",
               "--clear-groups"]
    finally:
        eve.communicate("", timeout=20)


def test_it_starts_without_the_socket_and_says_so(squatted, start_ambassador):
    env = {"SVC_PORT_6379_TCP": "tcp://127.0.0.1:9", "AMBASSADOR_CONTROL": ""}
    ambassador = start_ambassador(env=env, prefix=squatted)
    failed = ambassador.wait_event("control_failed")
    assert failed["level"] == "warning" and f"@ambassador-control-{NOBODY}-9: Address already in use" in failed["error"]
    assert ambassador.events("control") == []
    # Nobody is trusted to answer, and the container is not replaced for that.
    outcome = run_to_end("healthcheck", env=env, prefix=squatted)
    assert outcome.code == 0 and outcome.out == f"alive: process {ambassador.pid} runs\n", outcome
    assert run_to_end("status", env=env, prefix=squatted).code == 69


def test_a_place_that_was_named_is_there_or_it_does_not_start(squatted):
    env = {"SVC_PORT_6379_TCP": "tcp://127.0.0.1:9", "AMBASSADOR_CONTROL": f"/tmp/ambassador-{NOBODY}/control.sock"}
    outcome = run_to_end(env=env, prefix=squatted)
    assert outcome.code == 64 and "cannot listen on" in outcome.records.of("cannot_start")[0]["error"], outcome

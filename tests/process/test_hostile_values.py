# SPDX-License-Identifier: Apache-2.0
"""Values written to be run by a shell: each is refused by name, nothing is opened, and nothing is ever executed."""

import subprocess

import pytest

from support.ambassador import BINARY, environment, run_to_end
from support.peer import Peer, echo
from support.ports import free_port

HOSTILE = [
    "tcp://$(touch ./pwned):6379;sh -c id", "x; echo PWNED", "tcp://10.0.0.1:6379;touch pwned", "`touch pwned`",
    "tcp://10.0.0.1:6379\ntouch pwned", "tcp://10.0.0.1:6379|touch pwned", "tcp://10.0.0.1:6379&&touch pwned",
    "tcp://10.0.0.1:6379 &", "tcp://${IFS}:6379", "tcp://10.0.0.1:$((6379))", "tcp://10.0.0.1:6379>pwned",
    "tcp://10.0.0.1:0", "tcp://10.0.0.1:65536", "tcp://10.0.0.1:6379a", "tcp://10.0.0.1:-1", "tcp://10.0.0.1:+80",
    "tcp:/x", "tcp://", "tcp://:6379", "http://10.0.0.1:6379", "exec:///bin/sh", "system:id", "tcp://a b:6379",
    "tcp://" + "a" * 300 + ":6379", "tcp://" + "a" * 70_000 + ":6379", "tcp://[::1:6379", "tcp://[]:6379",
    "tcp://10.0.0.1:6379?exec=touch%20pwned", "tcp://10.0.0.1:6379?connect_timeout=$(id)", "tcp://\x1b[2Jhost:6379",
    "tcp://host\x07:6379", "tcp://host\x7f:6379", "tcp://%n%n%s:6379", "tcp://10.0.0.1:6379,;id", "unix://",
    "tcp://10.0.0.1:99999999999999999999", "\udcff\udcfe\udc80", "tcp://h\udcffst:6379",
    "unix:///" + "p" * 200, "tcp://a..b:6379", "tcp://10.0.0.1:6379#;id",
]


@pytest.mark.parametrize("number", range(len(HOSTILE)), ids=lambda n: ascii(HOSTILE[n])[1:40])
def test_a_hostile_value_is_refused_with_exit_64_and_its_variable_named(number, tmp_path):
    outcome = run_in(tmp_path, HOSTILE[number])
    assert outcome.code == 64, outcome
    problems = outcome.records.of("wiring_problem")
    assert problems and "EVIL_PORT_" in problems[0]["from"], outcome
    assert problems[0]["problem"] and problems[0]["accepted"], outcome
    assert not outcome.records.of("listening"), outcome
    outcome.records.check()
    assert list(tmp_path.iterdir()) == []


def run_in(directory, value):
    return run_to_end(env={f"EVIL_PORT_{free_port()}_TCP": value}, prefix=["env", "-C", str(directory)])


def test_all_of_them_at_once_are_reported_together():
    ports = range(20000, 20000 + len(HOSTILE))
    outcome = run_to_end(env={f"EVIL_PORT_{port}_TCP": value for port, value in zip(ports, HOSTILE)})
    assert outcome.code == 64
    reported = " ".join(record["from"] for record in outcome.records.of("wiring_problem"))
    assert [port for port in ports if f"EVIL_PORT_{port}_TCP" not in reported] == []


@pytest.fixture
def strace(tmp_path):
    probe = subprocess.run(["strace", "-f", "-o", str(tmp_path / "probe"), "-e", "trace=execve", "true"],
                           capture_output=True, check=False)
    if probe.returncode != 0:
        pytest.skip(f"ptrace is not permitted here: {probe.stderr.decode().strip()}")
    return ["strace", "-D", "-f", "-qq", "-o", str(tmp_path / "calls"), "-e", "trace=execve,execveat,socket"]


def calls(tmp_path):
    return (tmp_path / "calls").read_text().splitlines()


@pytest.mark.strace
def test_no_program_is_ever_executed_and_no_socket_opened_for_a_hostile_environment(strace, tmp_path):
    env = {f"EVIL_PORT_{20000 + n}_TCP": value for n, value in enumerate(HOSTILE)}
    done = subprocess.run([*strace, BINARY], env=environment(env), stdin=subprocess.DEVNULL, capture_output=True,
                          timeout=60, check=False)
    assert done.returncode == 64, done.stderr
    executed = [line for line in calls(tmp_path) if "execve" in line]
    assert len(executed) == 1 and BINARY in executed[0], executed
    opened = [line for line in calls(tmp_path) if "socket(AF_INET" in line or "socket(AF_UNIX" in line]
    assert opened == []


@pytest.mark.strace
def test_no_program_is_executed_while_it_relays(strace, tmp_path, relay_to, service):
    near = relay_to(service.serve(echo).url, prefix=strace, settles=False)
    with Peer.connect(near.port) as peer:
        peer.send(b"$(touch pwned)\n")
        peer.expect(b"$(touch pwned)\n")
    near.stop()
    executed = [line for line in calls(tmp_path) if "execve" in line]
    assert len(executed) == 1, executed

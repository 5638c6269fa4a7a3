# SPDX-License-Identifier: Apache-2.0
"""A health check of PostgreSQL with a password: the server says how long it is hashed, and says too much."""

import contextlib
import os
from pathlib import Path

import pytest

from support.hostile_postgres import HashingServer
from support.poll import eventually
from support.ports import free_port
from support.postgres import psql

LOGIN = "health=postgres&health_user=joe&health_password=secret&health_rise=1&health_fall=1"


@pytest.fixture
def hashing():
    """hashing(rounds, challenges): a server that wants that."""
    with contextlib.ExitStack() as stack:
        yield lambda *words: stack.enter_context(HashingServer(*words))


def seconds_of_threads(pid):
    """[processor time of the control thread, of all threads]."""
    ticks = []
    for task in sorted(Path(f"/proc/{pid}/task").iterdir(), key=lambda task: int(task.name) != pid):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            fields = (task / "stat").read_text().rpartition(")")[2].split()
            ticks.append(int(fields[11]) + int(fields[12]))
    whole = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    per_second = os.sysconf("SC_CLK_TCK")
    return ticks[0] / per_second, (int(whole[11]) + int(whole[12])) / per_second


def test_the_control_thread_hashes_nothing(steered_to, hashing):
    """Where the work is done is counted: on a thread that nobody else waits for."""
    server = hashing(100_000)
    near = steered_to(f"{server.url}?{LOGIN}&health_timeout=20s&health_interval=10ms")
    near.settles = False  # it hashes for as long as it runs
    eventually(lambda: server.answers >= 8, lambda: f"eight proofs, not {server.answers}", within=60)
    control, whole = seconds_of_threads(near.pid)
    assert control < whole / 3, f"{control} of {whole} s were the control thread's"
    assert near.control.link()["name"] == "svc"


def test_several_challenges_in_one_login_are_refused(steered_to, hashing):
    server = hashing(10_000, 8)
    near = steered_to(f"{server.url}?{LOGIN}&health_timeout=20s&health_interval=10ms")
    near.settles = False
    assert near.wait_event("endpoint_down")["reason"] == "it sends more than one SCRAM challenge"
    eventually(lambda: server.asked >= 3, "three checks")
    assert server.most_answers == 1


def test_more_rounds_than_anybody_needs_are_refused_and_the_bound_is_told(relay_to, hashing):
    server = hashing(2_000_000)
    near = relay_to(f"{server.url}?{LOGIN}&health_interval=50ms")
    assert near.wait_event("endpoint_down")["reason"] == "it wants 2000000 SCRAM iterations, more than 1000000"
    assert server.answers == 0


def test_hashing_ends_with_the_check(relay_to, hashing):
    """Where the machine is busy a check may be late before it has come to that: one of several is waited for."""
    server = hashing(1_000_000, 1, True)
    near = relay_to(f"{server.url}?{LOGIN}&health_timeout=100ms&health_interval=200ms")
    near.settles = False

    def told():
        return [down for down in near.events("endpoint_down")
                if down["reason"].startswith("its 1000000 SCRAM iterations take about ")
                and down["reason"].endswith(" ms, more than the check's time")]
    eventually(told, lambda: f"the reason; told were {near.events('endpoint_down')}", within=60)
    assert server.answers == 0


def test_others_are_still_checked_while_eight_servers_want_all_they_can_get(start_ambassador, hashing, postgres, tmp_path):
    """Of the one thread each gets its turns, so that a real server's 4,096 rounds are not behind millions."""
    made = psql(postgres.port, "SET password_encryption = 'scram-sha-256';"
                " CREATE ROLE among_greedy_ones LOGIN PASSWORD 'open sesame'")
    assert made.returncode == 0, made.stderr
    postgres.demand_password("among_greedy_ones", "scram-sha-256")
    greedy = [hashing(1_000_000) for _ in range(8)]
    links = {f"GREEDY{number}_PORT_{free_port()}_TCP": f"{server.url}?{LOGIN}&health_timeout=2s&health_interval=10ms"
             for number, server in enumerate(greedy)}
    links[f"REAL_PORT_{free_port()}_TCP"] = (
        f"{postgres.url}?health=postgres&health_user=among_greedy_ones&health_database=postgres"
        "&health_password=open%20sesame&health_timeout=2s&health_interval=100ms")
    near = start_ambassador(env={**links, "AMBASSADOR_CONTROL": str(tmp_path / "control.sock")})
    near.settles = False
    eventually(lambda: all(server.asked >= 2 for server in greedy), "two checks of each", within=60)
    assert near.wait_event("endpoint_up", link="real", within=60)["reason"] == "it takes sessions"
    assert near.events("endpoint_down", link="real") == []

# SPDX-License-Identifier: Apache-2.0
"""bench/compare really runs: every scenario of a quick run on both topologies, and it leaves nothing behind."""

import json
import os
import pathlib
import signal
import subprocess

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]
COMPARE = TOP / "bench/compare"
GROUPS = [pathlib.Path(path) for path in ("/sys/fs/cgroup/cpuacct", "/sys/fs/cgroup", "/sys/fs/cgroup/unified")]

pytestmark = [pytest.mark.minutes,
              pytest.mark.skipif(os.geteuid() != 0, reason="network namespaces and control groups need root")]


@pytest.fixture(scope="module")
def binary():
    """$AMBASSADOR_BINARY, or the release build, made if it is not there yet."""
    path = pathlib.Path(os.environ.get("AMBASSADOR_BINARY", TOP / "build/release/ambassador"))
    if not path.exists():
        subprocess.run([TOP / "tools/build", "release"], check=True)
    return path


def start(binary, out, *words):
    return subprocess.Popen([COMPARE, "--peers", "direct,ambassador", "--repetitions", "1", "--seconds", "0.2",
                             "--noise", "1000", "--binary", binary, "--out", out, *words],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)


def left_behind(process):
    """Processes of its session, and control groups with its number."""
    groups = [group for top in GROUPS if top.exists() for group in top.glob(f"ambassador-bench-{process.pid}-*")]
    found = subprocess.run(["ps", "-o", "pid=,args=", "-s", str(process.pid)], capture_output=True, text=True,
                           check=False)
    return groups + found.stdout.splitlines()


def test_a_quick_run_measures_everything_on_both_topologies(binary, tmp_path):
    process = start(binary, tmp_path, "--quick", "--topology", "loopback,namespaces")
    said, progress = process.communicate(timeout=300)
    assert process.returncode == 0, progress
    assert "### Targets" in said and " left] namespaces" in progress
    [saved] = tmp_path.glob("*.json")
    records = json.loads(saved.read_text(encoding="utf-8"))["records"]
    assert {record["topology"] for record in records} == {"loopback", "namespaces"}
    for record in records:
        assert not record["failed"] and record["figures"], record
        assert all(value >= 0 for name, value in record["figures"].items() if name != "kernel_kib_each"), record
        if record["peer"] == "ambassador" and record["metered"]:
            assert {"relay_us", "relay_s_per_gb"} & set(record["figures"]), record
    assert left_behind(process) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "term"])
def test_a_stopped_run_prints_what_it_has_and_leaves_nothing_behind(binary, tmp_path, number):
    process = start(binary, tmp_path, "--scenarios", "requests,bulk")
    while not (line := process.stderr.readline()).startswith("[3/"):
        assert line, "it ended by itself"
    os.killpg(process.pid, number)  # as a terminal does: to all that it started, too
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "| ambassador |" in said and len(list(tmp_path.glob("*.json"))) == 1
    assert left_behind(process) == []

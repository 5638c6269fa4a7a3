# SPDX-License-Identifier: Apache-2.0
"""bench/compare reads what iperf3, redis-benchmark and its own generator say, and believes none that says nothing."""

import json
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "bench"))

from comparison import bulk, requests  # noqa: E402
from comparison.cases import per_unit  # noqa: E402
from comparison.machine import Machine, Reading, Sample  # noqa: E402
from comparison.trial import Failed, Metered  # noqa: E402

CSV = '''WARNING: Could not fetch server CONFIG
"test","rps","avg_latency_ms","min_latency_ms","p50_latency_ms","p95_latency_ms","p99_latency_ms","max_latency_ms"
"GET","51546.39","0.512","0.080","0.503","0.735","0.879","1.319"
'''


def iperf(**ends):
    return json.dumps({"end": {name: {"bytes": count, "seconds": seconds} for name, (count, seconds) in ends.items()}})


def test_bulk_counts_what_arrived_and_not_what_was_sent():
    said = iperf(sum_sent=(900, 2.0), sum_received=(800, 2.1))
    assert bulk.bytes_and_seconds(said) == (800, 2.1)


def test_both_ways_at_once_are_added():
    said = iperf(sum_received=(800, 2.0), sum_received_bidir_reverse=(500, 2.2), sum_sent_bidir_reverse=(600, 2.0))
    assert bulk.bytes_and_seconds(said) == (1300, 2.2)


def test_an_error_of_iperf3_is_no_result():
    with pytest.raises(Failed, match="unable to connect"):
        bulk.bytes_and_seconds('{"error": "unable to connect to server"}')


@pytest.mark.parametrize("ends", [
    {}, {"sum_received": (0, 0)}, {"sum_received": (5, 1.0), "sum_received_bidir_reverse": (0, 0)}])
def test_iperf3_that_does_not_know_what_arrived_is_no_result(ends):
    with pytest.raises(Failed, match="what arrived"):
        bulk.bytes_and_seconds(iperf(**ends))


def test_redis_benchmark_tells_rate_and_latencies():
    assert requests.read_csv(CSV) == {"rate": 51546.39, "p50_ms": 0.503, "p99_ms": 0.879}


def test_redis_benchmark_without_a_row_is_no_result():
    with pytest.raises(Failed, match="Connection refused"):
        requests.read_csv("Could not connect to Redis at 127.0.0.1:1: Connection refused\n")


def test_cpu_time_is_told_by_unit_of_work():
    metered = Metered(None, Reading(1.0, 1.5, 0.0, 0.0), 0.5)
    assert per_unit(metered, 100_000, 1e6, "relay", "machine") == {"relay": 5.0, "machine": 15.0}


def test_without_a_relay_only_the_machine_has_cpu_time():
    metered = Metered(None, Reading(1.0, 1.5, 0.0, 0.0), 0.0)
    assert per_unit(metered, 100_000, 1e6, "relay", "machine") == {"machine": 15.0}


def between(start, end):
    machine = Machine.__new__(Machine)  # without its spinners
    machine.cpus = 2
    return machine.between(start, end)


def test_spinners_steal_and_other_programs_are_no_work_of_ours():
    start = Sample(seconds=10.0, idle_s=5.0, steal_s=1.0, spinners_s=2.0, foreign_s=7.0)
    end = Sample(seconds=12.0, idle_s=5.2, steal_s=1.4, spinners_s=2.9, foreign_s=7.5)
    found = between(start, end)
    assert found.busy_s == pytest.approx(2 * 2.0 - 0.2 - 0.4 - 0.9 - 0.5)
    assert found.steal_share == pytest.approx(0.1)
    assert found.foreign_share == pytest.approx(0.125)
    assert found.noise == found.foreign_share

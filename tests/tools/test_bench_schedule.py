# SPDX-License-Identifier: Apache-2.0
"""bench/compare measures in turns, begins with another peer each time, and repeats for noise and never for a result."""

import itertools
import pathlib
import sys
from types import SimpleNamespace

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "bench"))

from comparison import schedule  # noqa: E402
from comparison.cases import Case  # noqa: E402
from comparison.peers import Peer  # noqa: E402
from comparison.schedule import Record  # noqa: E402

PEERS = [Peer(name, name, None) for name in ("a", "b", "c")]
EVERYWHERE = Case("some", "case", "some case", None, in_both=True)
ONCE = Case("other", "case", "another case", None, most_repetitions=1)
OPTIONS = SimpleNamespace(noise=0.05, quick=False)


def planned(cases, topologies=("loopback",), repetitions=3, peers=PEERS):
    return [(topology, case.key, peer.name, repetition)
            for topology, case, peer, repetition in schedule.plan(cases, peers, topologies, repetitions)]


def test_every_peer_has_its_turn_in_every_repetition_and_another_is_first():
    rounds = [[peer for _, _, peer, _ in turn]
              for _, turn in itertools.groupby(planned([EVERYWHERE]), lambda step: step[3])]
    assert rounds == [["a", "b", "c"], ["b", "c", "a"], ["c", "a", "b"]]


def test_a_case_is_repeated_as_often_as_it_wants():
    assert [step[3] for step in planned([ONCE], repetitions=4)] == [0, 0, 0]


def test_the_second_topology_has_the_cases_that_say_so():
    both = ("loopback", "namespaces")
    assert {step[:2] for step in planned([EVERYWHERE, ONCE], both)} == {
        ("loopback", "some/case"), ("loopback", "other/case"), ("namespaces", "some/case")}
    assert {step[:2] for step in planned([ONCE], ("namespaces",))} == {("namespaces", "other/case")}


def test_a_peer_is_measured_where_it_can_be_and_where_it_suits():
    picky = Case("picky", "case", "picky", None, suits=lambda peer: peer.name != "a")
    away = [*PEERS, Peer("d", "d", None, topologies=("namespaces",))]
    assert {step[2] for step in planned([picky], peers=away)} == {"b", "c"}


def test_who_failed_twice_is_not_waited_for_again(monkeypatch):
    def attempt(step, *_):
        tried.append(step[2].name)
        return Record(step[0], step[1].key, step[2].name, step[3], failed="it fell" if step[2].name == "b" else "")

    tried, records = [], []
    monkeypatch.setattr(schedule, "attempt", attempt)
    options = SimpleNamespace(**vars(OPTIONS), topologies=["loopback"], repetitions=4)
    schedule.run([EVERYWHERE], PEERS, None, options, records)
    assert [tried.count(name) for name in "abc"] == [4, 2, 4]
    assert [record.failed for record in records if record.peer == "b"] == ["it fell"] * 2 + ["not tried again"] * 2


def measured(monkeypatch, *attempts, retries=10):
    """What schedule.measure makes of these (noise, number, failure), and how many of them it took."""
    left = [Record("loopback", "some/case", "a", 0, {"gbit_s": number}, foreign=noise, failed=failed)
            for noise, number, failed in attempts]
    count, budget = len(left), [retries]
    monkeypatch.setattr(schedule, "attempt", lambda *_: left.pop(0))
    found = schedule.measure(None, None, OPTIONS, budget)
    assert found.attempts == count - len(left)
    assert budget == [retries - (found.attempts - 1)]
    return found.figures["gbit_s"], found.attempts


def test_a_quiet_measurement_counts_at_once(monkeypatch):
    assert measured(monkeypatch, (0.04, 1.0, ""), (0.0, 9.0, "")) == (1.0, 1)


def test_a_noisy_one_is_made_again_and_the_quietest_counts_whatever_it_gave(monkeypatch):
    assert measured(monkeypatch, (0.5, 9.0, ""), (0.01, 1.0, "")) == (1.0, 2)
    assert measured(monkeypatch, (0.5, 9.0, ""), (0.2, 1.0, ""), (0.3, 5.0, ""), (0.0, 0.0, "")) == (1.0, 3)


def test_noise_is_not_fought_for_ever(monkeypatch):
    assert measured(monkeypatch, (0.5, 9.0, ""), (0.0, 1.0, ""), retries=0) == (9.0, 1)


def test_a_failure_is_a_result_and_not_tried_again(monkeypatch):
    assert measured(monkeypatch, (0.5, 0.0, "it fell"), (0.0, 1.0, "")) == (0.0, 1)

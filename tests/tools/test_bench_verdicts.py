# SPDX-License-Identifier: Apache-2.0
"""bench/compare compares medians of one run, marks each target, and judges none that was not measured."""

import pathlib
import re
import sys
from xml.etree import ElementTree

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "bench"))

from comparison import docs, main, peers, report, results, targets  # noqa: E402
from comparison.arguments import read_arguments  # noqa: E402
from comparison.cases import FIGURES  # noqa: E402
from comparison.schedule import Record  # noqa: E402
from comparison.spread import Spread, Summary, ratio  # noqa: E402

PEERS = peers.every_peer(["/bin/true"])
CASES = main.every_case()
TITLES = {"loopback": "loopback"}
RUN = {"date": "2026-11-23 12:00", "machine": {"kernel": "6.1", "cpu": "A CPU, (fast)", "cpus": 2, "memory_gib": 4.0,
                                               "virtualisation": "none", "cpu_time_from": "cgroup v2"},
       "load": [0.1, 2.0], "repetitions": 3, "seconds": 1.0, "versions": ["HAProxy 2.6", "nginx 1.22"],
       "noise": {"limit": 0.05, "measurements": 9, "repeated": 1, "noisy": 0, "steal": 0.01, "foreign": 0.002}}


def records(case, **figures_of_peers):
    """One record of `case` for each repetition of each peer: name=[{figure: number}, ...]."""
    return [Record("loopback", case, name.replace("_", "-"), repetition, figures)
            for name, repetitions in figures_of_peers.items() for repetition, figures in enumerate(repetitions)]


def judge(found, *wanted):
    return targets.judge(Summary(found), CASES, PEERS, TITLES, [targets.Target(*each) for each in wanted])


def rates(*numbers):
    return [{"requests_s": number} for number in numbers]


def test_a_spread_is_the_median_with_the_least_and_the_most():
    assert Spread.of([3.0, 1.0, 2.0]).show(1) == "2.0 (1.0–3.0)"
    assert Spread.of([12345.6]).show(0) == "12,346"


def test_a_ratio_is_that_of_the_medians_and_nothing_without_both():
    one, two, none = Spread.of([2.0, 2.0, 9.0]), Spread.of([4.0]), Spread.of([0.0])
    assert ratio(one, two) == 0.5
    assert ratio(one, None) is ratio(None, one) is ratio(one, none) is None


@pytest.mark.parametrize(("at_most", "bound", "met"), [
    (False, 1.9, True), (False, 2.0, True), (False, 2.1, False),
    (True, 2.0, True), (True, 1.9, False),
])
def test_a_target_is_met_up_to_its_bound(at_most, bound, met):
    found = records("requests/50", ambassador=rates(100, 200, 900), haproxy=rates(100))
    [verdict] = judge(found, ("requests/50", "requests_s", at_most, "haproxy", bound))
    assert (verdict.found, verdict.met) == ("2.00", met)


def test_the_best_is_the_best_relay_that_is_neither_ours_nor_the_kernel():
    found = records("requests/50", ambassador=rates(90), ambassador_copy=rates(500), haproxy=rates(80),
                    nginx=rates(100), nat=rates(300), direct=rates(400))
    [verdict] = judge(found, ("requests/50", "requests_s", False, "best", 1.0))
    assert not verdict.met and verdict.wanted.endswith("the best, nginx")


def test_the_best_cpu_time_is_the_least():
    found = records("requests/50", ambassador=[{"relay_us": 9.0}], haproxy=[{"relay_us": 12.0}],
                    nginx=[{"relay_us": 10.0}])
    [verdict] = judge(found, ("requests/*", "relay_us", True, "best", 0.95))
    assert verdict.met and verdict.found == "0.90"


def test_an_absolute_target_and_one_against_another_case():
    found = (records("scale/base", ambassador=[{"relay_us": 10.0}])
             + records("scale/links", ambassador=[{"relay_us": 12.0}])
             + records("idle/5000", ambassador=[{"user_kib_each": 0.4}]))
    links, idle = judge(found, ("scale/links", "relay_us", True, "scale/base", 1.15),
                        ("idle/*", "user_kib_each", True, "value", 0.5))
    assert not links.met
    assert idle.met and idle.found == "0.40"


def test_what_was_not_measured_or_failed_is_not_judged():
    found = records("requests/50", ambassador=rates(100))
    found.append(Record("loopback", "requests/50", "haproxy", 0, failed="it fell"))
    assert judge(found, ("requests/50", "requests_s", False, "haproxy", 1.0),
                 ("requests/50", "requests_s", False, "best", 1.0)) == []


def test_every_target_of_the_file_names_cases_figures_and_peers_that_exist():
    keys, names = {case.key for case in CASES}, {peer.name for peer in PEERS}
    wanted = targets.read()
    assert wanted
    for target in wanted:
        assert any(targets.fnmatch(key, target.cases) for key in keys), target
        assert target.figure in FIGURES, target
        assert target.against in names | keys | {"best", "value"}, target


def test_a_table_shows_ratios_to_the_ambassador_and_to_direct_and_says_who_failed():
    found = records("requests/50", direct=rates(400), ambassador=rates(100, 200, 300), haproxy=rates(100))
    found.append(Record("loopback", "requests/50", "nginx", 0, failed="it fell"))
    case = next(case for case in CASES if case.key == "requests/50")
    assert report.table(Summary(found), "loopback", case, PEERS) == [
        "| | requests/s | of direct |", "|---|---|---|",
        "| direct | 400 × 2.00 | 1.00 |", "| ambassador | 200 (100–300) | 0.50 |",
        "| HAProxy | 100 × 0.50 | 0.25 |", "| nginx |  |  |", "", "- nginx, 1 ×: it fell"]


def test_a_latency_shows_what_was_added_to_direct():
    times = {"p50_ms": 0.1, "p99_ms": 0.2, "p999_ms": 0.5}
    found = records("latency/1", direct=[times], ambassador=[{name: 2 * value for name, value in times.items()}])
    case = next(case for case in CASES if case.key == "latency/1")
    assert report.table(Summary(found), "loopback", case, PEERS)[-1].endswith("| 0.100 / 0.200 / 0.500 |")


def test_a_saved_run_comes_back_whole(tmp_path):
    found = records("requests/50", ambassador=rates(100, 200))
    path = results.save(tmp_path, RUN, found)
    assert path.name == "2026-11-23-12-00-6.1-A-CPU-fast.json"
    assert results.load(path) == (RUN, found)


def test_of_what_two_saved_runs_measured_the_first_counts(tmp_path):
    first, second = records("requests/50", ambassador=rates(100)), records("requests/50", ambassador=rates(900))
    second += records("churn/50", ambassador=[{"connections_s": 7}])
    paths = [results.save(tmp_path, RUN | {"date": date}, found) for date, found in (("1", first), ("2", second))]
    runs, merged = results.load_all(paths)
    assert [run["date"] for run in runs] == ["1", "2"]
    assert merged == first + second[1:]


def test_the_page_is_written_between_its_markers_and_nowhere_else():
    page = f"before\n{docs.BEGIN}\nold\n{docs.END}\nafter\n"
    written = docs.replace(page, ["new"])
    assert written == f"before\n{docs.BEGIN}\n\nnew\n\n{docs.END}\nafter\n"
    assert docs.replace(written, ["new"]) == written
    with pytest.raises(ValueError, match="no block"):
        docs.replace("a page without markers", ["new"])


def test_the_page_shows_what_was_missed_and_plots_that_are_there(tmp_path):
    (tmp_path / "docs").mkdir()
    page = tmp_path / "docs/performance.md"
    page.write_text(f"{docs.BEGIN}{docs.END}", encoding="utf-8")
    found = records("churn/50", ambassador=[{"connections_s": 100}], haproxy=[{"connections_s": 200}])
    summary = Summary(found)
    docs.write(tmp_path, [RUN], summary, targets.judge(summary, CASES, PEERS, TITLES), CASES, PEERS, TITLES)
    written = page.read_text(encoding="utf-8")
    in_sight = written.partition("<details>")[0]
    assert "0 of 1 targets are met" in in_sight and "**missed**" in in_sight
    [image] = re.findall(r"!\[.*\]\((.*)\)", in_sight)
    rows = ElementTree.parse(page.parent / image).getroot().findall(".//{*}rect")
    assert [row.get("class") for row in rows] == ["ours", "bar"]
    assert float(rows[0].get("width")) * 2 == float(rows[1].get("width"))


def test_the_page_of_the_repository_has_its_markers():
    page = (pathlib.Path(__file__).resolve().parents[2] / "docs/performance.md").read_text(encoding="utf-8")
    assert docs.replace(page, ["new"])


@pytest.mark.parametrize(("status", "rate"), [(0, 300), (1, 100)])
def test_check_ends_with_1_where_a_target_is_missed(tmp_path, monkeypatch, capsys, status, rate):
    found = records("churn/50", ambassador=[{"connections_s": rate}], haproxy=[{"connections_s": 200}])
    path = results.save(tmp_path, RUN, found)
    monkeypatch.setattr(sys, "argv", ["compare", "--check", "--from", str(path)])
    assert main.main() == status
    assert ("**missed**" in capsys.readouterr().out) == bool(status)


def test_check_ends_with_1_where_nothing_could_be_judged(tmp_path, monkeypatch):
    path = results.save(tmp_path, RUN, [])
    monkeypatch.setattr(sys, "argv", ["compare", "--check", "--from", str(path)])
    assert main.main() == 1


def test_names_on_the_command_line_are_rows_and_scenarios_or_a_mistake(capsys):
    words = ["--from", "x", "--scenarios", "bulk,requests/50", "--peers", "direct,haproxy"]
    options = read_arguments(CASES, peers.every_peer, words)
    assert {case.scenario for case in options.cases} == {"bulk", "requests"}
    assert [peer.name for peer in options.peers] == ["direct", "haproxy"]
    with pytest.raises(SystemExit):
        read_arguments(CASES, peers.every_peer, ["--from", "x", "--peers", "squid"])
    assert "there is no peer squid" in capsys.readouterr().err

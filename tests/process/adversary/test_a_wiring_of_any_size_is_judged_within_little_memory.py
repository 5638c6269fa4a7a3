# SPDX-License-Identifier: Apache-2.0
"""Ten thousand links, half a million mistakes, a variable of nothing but commas: what is wrong is told a hundred times and
counted beyond, and the program neither needs memory for the rest nor ends otherwise than with its answer."""

import json
import re

import pytest

from support.ambassador import run_to_end
from support.network import private_etc, skip_without_namespaces
from support.ports import free_port

MIB = 1024 * 1024
MOST_TOLD, MOST_TARGETS = 100, 1000
WITHIN_S = 60  # for a slow machine under valgrind's neighbours; the bound is the memory

pytestmark = pytest.mark.shipped


def within(mebibytes):
    return ["prlimit", f"--as={mebibytes * MIB}"]


def check(*words, memory=100, prefix=(), **options):
    """The report, and how many problems there are."""
    outcome = run_to_end("check", "--json", *words, prefix=[*prefix, *within(memory)], within=WITHIN_S, **options)
    assert outcome.code in (0, 64), outcome
    report = json.loads(outcome.out)
    assert len(report["problems"]) <= MOST_TOLD + 1
    more = [re.fullmatch(r"and (\d+) more problems", problem["problem"]) for problem in report["problems"][MOST_TOLD:]]
    return report, sum(int(match[1]) - 1 for match in more) + len(report["problems"])


def links(count):
    return "\n".join(f'[links.l{i}]\nlisten = "127.{i // 250}.{i % 250 + 1}.1:80"\nupstream = "tcp://10.0.0.1:{i + 1}"'
                     for i in range(count))


@pytest.fixture
def file(tmp_path):
    def write(text):
        path = tmp_path / "links.toml"
        path.write_text(text)
        return str(path)
    return write


def test_ten_thousand_links_are_checked_in_a_hundred_mebibytes(file):
    path = file(links(10_000))
    outcome = run_to_end("check", "--config", path, prefix=within(100), within=WITHIN_S)
    assert outcome.code == 0 and outcome.out.startswith("10000 links\n"), outcome.err


def test_more_links_than_there_may_be_are_one_problem(file):
    many = file("".join(f'[links.l{i}]\nlisten={i + 1}\nupstream="h:1"\n' for i in range(16_385)))
    report, count = check("--config", many, memory=200)
    assert count == 1
    assert report["problems"][0]["problem"] == "there are 16385 links"
    assert report["problems"][0]["accepted"] == "at most 16384 links"


def test_half_a_million_wrong_targets_of_a_file_are_counted(file):
    targets = ",".join(["'/'"] * 1000)
    tables = [f"[links.l{i}]\nlisten={i + 1}\nupstream=[{targets}]\n" for i in range(250)]
    _, count = check("--config", file("".join(tables)))
    assert count == 250_000
    _, count = check("--config", file("[links.a]\nlisten = 80\nupstream = [" + "'/'," * 250_000 + "]\n"))
    assert count == 1 + MOST_TARGETS, "that they are too many, and those that one link may have"


@pytest.mark.parametrize("value", ["," * 60_000, "/," * 60_000, "a?" + "x&" * 60_000, "a?" + "=" * 100_000,
                                   "a?" + "listen=x&" * 14_000], ids=lambda value: f"{value[2:8]!r}…")
def test_a_variable_full_of_mistakes_is_counted(value):
    report, count = check(env={"A_PORT_80_TCP": value})
    assert count >= 1
    assert all(len(problem["value"]) <= 256 for problem in report["problems"])


def test_a_start_with_such_a_variable_says_why_not_and_ends():
    outcome = run_to_end(env={"A_PORT_80_TCP": "/," * 60_000}, prefix=within(100), within=WITHIN_S)
    assert outcome.code == 64
    problems = outcome.records.of("wiring_problem")
    assert len(problems) == MOST_TOLD + 1
    assert problems[-1]["problem"] == f"and {1 + MOST_TARGETS - MOST_TOLD} more problems"


def test_a_hosts_file_of_a_hundred_thousand_lines_is_one_link(tmp_path):
    skip_without_namespaces()
    hosts = tmp_path / "hosts"
    hosts.write_text("".join(f"10.{i // 62500}.{i // 250 % 250}.{i % 250} svc\n" for i in range(100_000)))
    report, count = check(env={"AMBASSADOR_PORTS": "80"}, prefix=private_etc(hosts=hosts))
    assert (count, len(report["links"])) == (0, 1)
    assert report["candidates"][-1]["why"] == f"{100_000 - 64 - MOST_TOLD} more lines are passed over"


def test_a_rewire_to_thousands_of_wrong_targets_is_turned_down_and_forgotten(steered_to):
    near = steered_to(f"tcp://127.0.0.1:{free_port()}")
    before = peak_kib(near.pid)
    status, answer = near.control.call("PATCH", "/v1/links/svc", {"upstream": ["/," * 15_000 + "/"]})
    assert status == 422 and answer["error"] == "key 'upstream' names too many targets"
    for body in (["/"] * 1_000, ["/," * 999 + "/"], ["a?" + "x&" * 15_000]):
        status, answer = near.control.call("PATCH", "/v1/links/svc", {"upstream": body})
        assert status == 422
        assert len(answer["problems"]) == MOST_TOLD + 1
        assert answer["problems"][-1]["problem"].endswith("more problems")
    assert peak_kib(near.pid) < before + 24 * 1024
    assert near.control.link()["upstream"] == [near.control.link()["upstream"][0]]


def peak_kib(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))

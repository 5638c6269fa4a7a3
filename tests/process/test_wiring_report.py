# SPDX-License-Identifier: Apache-2.0
"""`ambassador check` explains an environment before anything runs: as text for people, as JSON for programs."""

import json
import subprocess

from support.ambassador import BINARY, environment, run_to_end
from support.ports import free_port

GOOD = {
    "REDIS_PORT_6379_TCP": "tcp://192.168.1.52:6379",
    "REDIS_PORT_6379_TCP_ADDR": "192.168.1.52",
    "REDIS_PORT": "tcp://192.168.1.52:6379",
    "DB_PORT_5432_TCP": "tcp://db.example.com:6000?dead_peer=20s",
    "DB_ENV_REDIS_PORT_9999_TCP": "tcp://secret-of-another:1",
    "CACHE_PORT_11211_TCP": "tcp://[fd00::1]:11211,tcp://10.0.0.9",
    "ALIAS_PORT_6379_TCP": "tcp://192.168.1.52:6379",
}
BAD = {
    "A_PORT_99999_TCP": "tcp://10.0.0.1:1",
    "B_PORT_6379_TCP": "tcp://10.0.0.1:6379a",
    "C_PORT_5432_TCP": "http://10.0.0.1:80",
    "D_PORT_7000_TCP": "tcp://10.0.0.1:7000?connect_timout=1s",
    "E_PORT_8000_TCP": "tcp://10.0.0.1:1",
    "F_PORT_8000_TCP": "tcp://10.0.0.2:1",
    "AMBASSADOR_WORKERS": "many",
    "AMBASSADOR_DRIAN": "9s",
}


def report(env, *words):
    outcome = run_to_end("check", "--json", *words, env=env)
    return outcome, json.loads(outcome.out)


def test_a_good_environment_is_reported_with_exit_0():
    outcome, found = report(GOOD)
    assert (outcome.code, found["ok"], found["problems"]) == (0, True, [])
    links = {link["name"]: link for link in found["links"]}
    assert sorted(links) == ["cache", "db", "redis"] or sorted(links) == ["alias", "cache", "db"]
    assert [target["url"] for target in links["cache"]["targets"]] == ["tcp://[fd00::1]:11211", "tcp://10.0.0.9:11211"]
    assert links["db"]["targets"][0]["name"] == "db.example.com"
    assert all(address.endswith(":5432") for address in links["db"]["listen"])


def test_every_candidate_has_a_fate_and_a_reason():
    _, found = report(GOOD)
    fates = {candidate["from"]: candidate for candidate in found["candidates"]}
    redis = {fates["variable REDIS_PORT_6379_TCP"]["fate"], fates["variable ALIAS_PORT_6379_TCP"]["fate"]}
    assert redis == {"link", "merged"}
    copied = fates["variable DB_ENV_REDIS_PORT_9999_TCP"]
    assert (copied["fate"], copied["value"]) == ("ignored", "") and copied["why"]


def test_values_copied_from_other_containers_are_never_shown():
    for words in (["check"], ["check", "--json"]):
        outcome = run_to_end(*words, env=GOOD)
        assert "secret-of-another" not in outcome.out + outcome.err


def test_text_names_every_link_with_where_it_listens_leads_and_comes_from():
    outcome = run_to_end("check", env=GOOD)
    assert outcome.code == 0
    for part in ("REDIS_PORT_6379_TCP", "192.168.1.52:6379", "db.example.com", "[fd00::1]:11211", ":5432"):
        assert part in outcome.out, f"{part} missing in:\n{outcome.out}"
    assert "\x1b" not in outcome.out, "no colours into a pipe"


def test_all_problems_are_reported_together_with_what_would_be_accepted():
    outcome, found = report(BAD)
    assert (outcome.code, found["ok"]) == (64, False)
    origins = " ".join(problem["from"] for problem in found["problems"])
    for name in BAD:
        if name[0] not in "EF":
            assert name in origins, f"{name} not in {origins}"
    assert all(problem["problem"] and problem["accepted"] for problem in found["problems"])


def test_two_targets_for_one_port_are_one_problem_that_names_both():
    _, found = report({"E_PORT_8000_TCP": "tcp://10.0.0.1:1", "F_PORT_8000_TCP": "tcp://10.0.0.2:1"})
    text = json.dumps(found["problems"])
    assert "E_PORT_8000_TCP" in text and "F_PORT_8000_TCP" in text


def test_running_reports_the_same_problems_with_exit_64():
    outcome = run_to_end(env=BAD)
    assert outcome.code == 64
    _, found = report(BAD)
    logged = sorted(record["from"] for record in outcome.records.of("wiring_problem"))
    assert logged == sorted(problem["from"] for problem in found["problems"])


def test_a_misspelt_option_or_setting_is_met_with_the_right_spelling():
    text = run_to_end("check", env=BAD).out
    assert "connect_timeout" in text and "AMBASSADOR_DRAIN" in text


def test_arguments_are_read_like_variables_and_beat_them():
    port = free_port()
    _, found = report(GOOD, "example.com", str(port))
    assert [link["targets"][0]["url"] for link in found["links"]] == [f"tcp://example.com:{port}"]
    _, found = report({}, "REDIS_PORT_6379_TCP=tcp://10.0.0.1:6380", "DB_PORT_5432_TCP=tcp://10.0.0.2:5432")
    assert sorted(link["name"] for link in found["links"]) == ["db", "redis"]
    assert "argument 1" in json.dumps(found["links"])


def test_it_works_while_the_ports_it_is_about_are_taken(service):
    outcome, found = report({f"SVC_PORT_{service.port}_TCP": "tcp://10.0.0.1:1"})
    assert (outcome.code, found["ok"]) == (0, True), "check opens nothing"


def test_hostile_text_in_a_report_stays_on_its_line_and_leaves_the_terminal_alone():
    env = {"EVIL_PORT_7000_TCP": "tcp://\x1b[2J\nho\x07st:1"}
    outcome, found = report(env)
    assert outcome.code == 64 and found["problems"]
    text = run_to_end("check", env=env).out
    assert "\x1b" not in text and "\x07" not in text


def test_an_unknown_word_or_flag_is_refused_with_exit_64():
    for words in (["frobnicate"], ["--frobnicate"], ["check", "--frobnicate"], ["localhost", "notaport"]):
        assert run_to_end(*words).code == 64, words


def test_version_and_help_go_to_stdout_with_exit_0():
    for words in (["version"], ["--version"], ["--help"]):
        outcome = run_to_end(*words)
        assert (outcome.code, outcome.err) == (0, "") and outcome.out, (words, outcome)
    assert json.loads(run_to_end("version", "--json").out)["version"] in run_to_end("version").out


def test_a_report_into_a_closed_pipe_ends_quietly():
    done = subprocess.run(["sh", "-c", '"$0" check | true', BINARY], env=environment(GOOD), capture_output=True,
                          timeout=20, check=False)
    assert done.stderr == b""

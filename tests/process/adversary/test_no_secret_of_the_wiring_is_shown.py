# SPDX-License-Identifier: Apache-2.0
"""A password that stands in the wiring, wherever people and other programs put one, is in no report, no log and no
answer: in the user of a URL, behind pwd=, pass=, auth=, token=, encoded, or cut in two by a character that was not."""

import pytest

from support.ambassador import run_to_end

SECRET = "s3cret"
VALUES = [
    "redis://:s3cret@h", "redis://me:s3cret@h:6379/0", "tcp://me:s3cret@h", "tcp://s3cret@h", "me:s3cret@h:6379",
    "tcp://me:s3cret,s3cret@h", "tcp://me:s3cret&s3cret@h", "tcp://me:s3cret/s3cret@h:1", "tcp://me:s3cret?s3cret@h",
    "tcp://me:s3cret@s3cret@h", "tcp://a:1,tcp://me:s3cret@b", "http://me:s3cret@h", "tcp://h:1?pwd=s3cret",
    "tcp://h:1?PWD=s3cret", "tcp://h:1?pass=s3cret", "tcp://h:1?auth=s3cret", "tcp://h:1?secret=s3cret",
    "tcp://h:1?token=s3cret", "tcp://h:1?Api-Key=s3cret", "tcp://h:1?%70ass%77ord=s3cret", "tcp://h:1?pasword=s3cret",
    "tcp://h:1?health=redis&health_password=x&s3cret", "tcp://h:1?health=redis&health_password=x&s3cret=1",
    "tcp://h:1?health=redis&health_password=x,s3cret", "tcp://h:99999?health=redis&health_password=x,y&s3cret",
    "tcp://h:1?health=http://me:s3cret@h/", "tcp://h:1?listen=me:s3cret@h", "tcp://h:1;password=s3cret",
    "h:1?health=redis&health_password=s3cret\n",
]
REPORTS = [["check"], ["check", "--json"], ["check", "--all"]]


def shows(outcome):
    return SECRET in outcome.out + outcome.err


@pytest.mark.parametrize("value", VALUES)
def test_no_report_and_no_refusal_shows_it(value, tmp_path):
    file = tmp_path / "links.toml"
    file.write_text(f"[links.a]\nlisten = 80\nupstream = '{value.strip()}'\n")
    for words in REPORTS:
        assert not shows(run_to_end(*words, env={"A_PORT_80_TCP": value}))
        assert not shows(run_to_end(*words, f"A_PORT_80_TCP={value}"))
        assert not shows(run_to_end(*words, "--config", str(file)))
    bad = {"A_PORT_80_TCP": value, "B_PORT_0_TCP": value}
    for env in ({"AMBASSADOR_LOG": "json"}, {"AMBASSADOR_LOG": "text"}):
        outcome = run_to_end(env={**bad, **env})
        assert outcome.code == 64 and not shows(outcome)


@pytest.mark.parametrize("url", ["http://me:s3cret@collector:4318", "http://:s3cret@c", "http://me:s3c/s3cret@c",
                                 "https://me:s3cret@c", "me:s3cret@c"])
def test_neither_does_what_is_said_of_a_collector(url):
    for words in (*REPORTS, []):
        outcome = run_to_end(*words, env={"A_PORT_80_TCP": "h", "AMBASSADOR_TRACES": url})
        assert outcome.code == 64 and not shows(outcome)


def test_a_rewire_shows_it_to_nobody(steered_to):
    near = steered_to("tcp://127.0.0.1:1")
    for value in VALUES:
        status, answer = near.control.call("PATCH", "/v1/links/svc", {"upstream": [value], "dry_run": True})
        assert status in (200, 422)
        assert SECRET not in str(answer)
    near.control.call("PATCH", "/v1/links/svc", {"upstream": ["tcp://me:s3cret@h"]})
    assert SECRET not in near.log()


def test_a_line_end_behind_a_secret_is_no_part_of_it(tmp_path):
    """`docker run -e AMBASSADOR_ADMIN_TOKEN="$(…)\\n"`, a value from a file that ends in a line end."""
    outcome = run_to_end("check", env={"A_PORT_80_TCP": " tcp://h:1 \r\n", "AMBASSADOR_ADMIN": "127.0.0.1:9900\n",
                                       "AMBASSADOR_ADMIN_TOKEN": "0123456789abcdef\r\n"})
    assert outcome.code == 0, outcome
    file = tmp_path / "links.toml"
    file.write_text('[links.a]\nlisten = 80\nupstream = "tcp://h:1\\n"\n')
    assert run_to_end("check", env={"AMBASSADOR_CONFIG": f"{file}\n"}).code == 0

# SPDX-License-Identifier: Apache-2.0
"""Links from a TOML file: --config, AMBASSADOR_CONFIG, what is wrong with its place, and which source wins."""

import json

import pytest

from support.ambassador import run_to_end
from support.peer import Peer, echo
from support.ports import free_port


@pytest.fixture
def links(tmp_path):
    """links(text): the path of a file that holds it."""

    def write(text):
        path = tmp_path / "links.toml"
        path.write_text(text)
        return str(path)

    return write


def link_to(url, port, options=""):
    return f'[links.svc]\nlisten = {port}\nupstream = "{url}"\n{options}'


def relays(port):
    with Peer.connect(port) as peer:
        peer.send(b"through a file")
        peer.expect(b"through a file")


def report(*words, env=None):
    outcome = run_to_end("check", "--json", *words, env=env)
    return outcome, json.loads(outcome.out)


@pytest.mark.parametrize("words", [["--config", "{}"], ["run", "--config={}"]])
def test_a_link_of_a_file_is_opened_and_relays(words, links, start_ambassador, service):
    port = free_port()
    path = links(link_to(service.serve(echo).url, port, "connect_timeout = 2\n"))
    near = start_ambassador(*[word.format(path) for word in words])
    relays(port)
    assert near.events("listening")[0]["address"] == f"127.0.0.1:{port}"


def test_the_file_of_the_variable_is_read_unless_an_argument_names_one(links, start_ambassador, service):
    port = free_port()
    path = links(link_to(service.serve(echo).url, port))
    start_ambassador(env={"AMBASSADOR_CONFIG": path})
    relays(port)
    _, found = report("--config", path, env={"AMBASSADOR_CONFIG": "/nonexistent/links.toml"})
    assert found["ok"] is True


def test_a_unix_listener_and_a_port_beside_variables(links, tmp_path, start_ambassador, service):
    port, other = free_port(), free_port()
    url = service.serve(echo).url
    path = links(f'[links.svc]\nlisten = ["unix://{tmp_path}/svc", "tcp://127.0.0.1:{port}"]\nupstream = ["{url}"]\n')
    start_ambassador("--config", path, env={f"OTHER_PORT_{other}_TCP": url})
    relays(port)
    relays(other)
    assert (tmp_path / "svc").is_socket()


def test_check_tells_options_with_line_and_column(links):
    path = links(link_to("srv://_redis._tcp.example", 6379, 'unavailable = "refuse"\nmax_ttl = 30\n'))
    outcome, found = report("--config", path)
    assert (outcome.code, found["ok"]) == (0, True)
    [link] = found["links"]
    assert (link["name"], link["listen"], link["from"]) == ("svc", ["127.0.0.1:6379"], [f"{path}:1:8"])
    options = link["options"]
    assert options["max_ttl"] == {"value": "30s", "from": f"{path}:5:11"}
    assert options["health"] == {"value": "tcp", "from": "implied by unavailable=refuse"}
    assert options["policy"] == {"value": "first", "from": "default"}
    text = run_to_end("check", "--all", "--config", path).out
    assert f"max_ttl=30s ({path}:5:11)" in text.replace("\n               ", " ") and "policy=first (default)" in text


def test_all_mistakes_of_a_file_are_told_at_once_and_nothing_is_opened(links):
    path = links('[link.a]\n[links.b]\nlisten = "localhost:80"\nupstream = "http://h"\npolicy = "round-robin"\n')
    outcome = run_to_end("--config", path)
    assert outcome.code == 64
    told = {record["from"]: record for record in outcome.records.of("wiring_problem")}
    assert sorted(told) == [f"{path}:{place}" for place in ("1:2", "3:10", "4:12", "5:10")], outcome
    assert told[f"{path}:1:2"]["problem"].endswith("did you mean links?")
    assert told[f"{path}:5:10"]["value"] == "round-robin"
    assert "did you mean round_robin?" in told[f"{path}:5:10"]["problem"]
    assert "least_sessions" in told[f"{path}:5:10"]["accepted"]
    assert not outcome.records.of("listening")


def test_what_is_no_toml_is_told_with_its_place(links):
    outcome = run_to_end("--config", links("[links.a]\nlisten = \n"))
    [problem] = outcome.records.of("wiring_problem")
    assert outcome.code == 64 and problem["from"].endswith("links.toml:2:10"), outcome


def test_a_file_that_cannot_be_read_is_named_with_the_reason(tmp_path):
    for path, why in ((tmp_path / "gone.toml", "No such file or directory"), (tmp_path, "Is a directory")):
        outcome = run_to_end("--config", str(path))
        [problem] = outcome.records.of("wiring_problem")
        assert outcome.code == 64 and problem["from"] == str(path) and why in problem["problem"], outcome
    outcome = run_to_end(env={"AMBASSADOR_CONFIG": "/nonexistent/links.toml"})
    [problem] = outcome.records.of("wiring_problem")
    assert problem["from"] == "variable AMBASSADOR_CONFIG" and problem["value"] == "/nonexistent/links.toml"


def test_a_file_that_never_ends_is_refused():
    outcome = run_to_end("--config", "/dev/zero")
    [problem] = outcome.records.of("wiring_problem")
    assert outcome.code == 64 and "not a regular file" in problem["problem"]


def test_an_argument_beats_the_file_and_the_file_a_variable(links):
    path = links(link_to("tcp://file.example:1", 7000))
    _, found = report("--config", path, env={"SVC_PORT_7000_TCP": "tcp://variable.example:1"})
    assert [link["targets"][0]["name"] for link in found["links"]] == ["file.example"]
    _, found = report("--config", path, "SVC_PORT_7000_TCP=tcp://argument.example:1")
    assert [link["targets"][0]["name"] for link in found["links"]] == ["argument.example"]


def test_host_port_stands_beside_a_file_that_was_asked_for_and_replaces_another(links):
    path = links(link_to("tcp://file.example:1", 7000))
    _, found = report("--config", path, "host.example", "7001")
    assert len(found["links"]) == 2
    _, found = report("host.example", "7001", env={"AMBASSADOR_CONFIG": path})
    assert [link["targets"][0]["name"] for link in found["links"]] == ["host.example"]
    assert {candidate["from"]: candidate["fate"] for candidate in found["candidates"]}[path] == "ignored"


def test_a_password_is_in_no_report_and_no_log_line(links):
    for options in ('health = "redis"\nhealth_password = "hunter2"\n', 'health = "mysql"\nhealth_password = "hunter2"\n',
                    'health_pasword = "hunter2"\n'):
        path = links(link_to("tcp://h:1?health_password=hunter2", 7000, options))
        for words in (["check"], ["check", "--all"], ["check", "--json"]):
            outcome = run_to_end(*words, "--config", path)
            assert "hunter2" not in outcome.out + outcome.err, outcome
    outcome = run_to_end("--config", path, env={"X_PORT_7001_TCP": "http://h?health_password=hunter2"})
    assert outcome.code == 64 and "hunter2" not in outcome.out + outcome.err, outcome
    assert "health_password=***" in outcome.err


def test_a_hostile_file_cannot_steer_the_terminal(links):
    path = links('[links."\\u001b[2J"]\nlisten = "\\u001b]0;x\\u0007"\nupstream = "\\u061c"\n"\\u202e" = 1\n')
    for words in (["check"], ["check", "--json"], []):
        outcome = run_to_end(*words, "--config", path)
        assert outcome.code == 64
        for character in ("\x1b", "\x07", "\u061c", "\u202e"):
            assert character not in outcome.out + outcome.err, outcome

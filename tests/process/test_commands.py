# SPDX-License-Identifier: Apache-2.0
"""The commands that look at a running ambassador and steer it: what they print, for people and for programs, and how
they end."""

import json
import re
import signal
import socket
import subprocess

import pytest

from support.ambassador import BINARY, environment, run_to_end
from support.peer import echo, expect_reset_session
from support.poll import eventually
from support.ports import free_port
from support.steered import consumer_of, other, steered  # the fixtures


def is_narrow(text):
    """A path alone on its line is never cut: somebody will want to copy it."""
    return all(len(line) <= 80 for line in text.splitlines() if not line.endswith(".toml"))


def test_status_shows_every_link_and_endpoint(steered):
    consumer = consumer_of(steered.ports[0])
    outcome = steered.run("status")
    assert outcome.code == 0 and outcome.err == "", outcome
    for part in ("degraded for ", "1 of 2 links is down: db.main", "redis", "db.main", f"127.0.0.1:{steered.ports[0]}", "up", "down", "Connection refused",
                 "links of", "1 session"):
        assert part in outcome.out, outcome
    assert is_narrow(outcome.out) and "\x1b" not in outcome.out, outcome
    status = json.loads(steered.run("status", "--json").out)
    assert [(link["name"], link["state"], link["sessions"]) for link in status["links"]] == [
        ("redis", "up", 1), ("db.main", "down", 0)]
    assert status["pid"] == steered.ambassador.pid
    consumer.close()


def test_rewire_says_from_where_to_where(steered, service, other):
    before = consumer_of(steered.ports[0])
    outcome = steered.run("rewire", "redis", other.url)
    assert (outcome.code, outcome.err) == (0, ""), outcome
    assert " ".join(outcome.out.split()) == f"~ redis upstream {service.url} -> {other.url}"
    assert steered.link()["upstream"] == [other.url] and steered.link()["declared"] == [service.url]
    before.send(b"still there")
    before.expect(b"still there")
    assert "nothing changes" in steered.run("rewire", "redis", other.url).out
    assert steered.run("rewire", "redis", "--back").code == 0
    assert steered.link()["upstream"] == [service.url] and steered.link()["declared"] == []
    before.close()


def test_a_dry_run_changes_nothing(steered, service, other):
    outcome = steered.run("rewire", "redis", other.url, "--dry-run", "--existing", "cut")
    assert outcome.code == 0 and other.url in outcome.out and "nothing was changed" in outcome.out, outcome
    assert steered.link()["upstream"] == [service.url]


def test_rewire_can_cut_those_that_are_elsewhere(steered, other):
    before = consumer_of(steered.ports[0])
    assert steered.run("rewire", "redis", other.url, "--existing", "cut").code == 0
    before.expect_reset()
    consumer_of(steered.ports[0]).close()


@pytest.mark.parametrize("words, code, said", [
    (["rewire", "rediss", "tcp://a:1"], 64, "did you mean redis?"),
    (["rewire", "redis", "http://a:1"], 64, "scheme 'http' is not supported"),
    (["rewire", "redis", "tcp://a:99999"], 64, "99999"),
    (["rewire", "redis", "tcp://a:1", "--existing", "kep"], 64, "did you mean keep?"),
    (["rewire", "redis"], 64, "say where the link should lead"),
    (["drain", "nobody"], 64, "there is no link 'nobody'"),
    (["sessions", "nobody"], 64, "there is no link 'nobody'"),
    (["sessions", "--close", "0-99999"], 1, "there is no session"),
    (["why", "nobody"], 64, "there is no link 'nobody'"),
    (["wait", "nobody", "--timeout", "10s"], 64, "there is no link 'nobody'"),
    (["statsu"], 64, "did you mean status?"),
    (["status", "--control", "/" + "x" * 120], 69, "no socket can have the path"),
    (["status", "--control", "/nonexistent.sock"], 69, "no ambassador answers at /nonexistent.sock"),
], ids=lambda value: " ".join(value) if isinstance(value, list) else "")
def test_mistakes_are_told_with_what_would_be_right(steered, words, code, said):
    outcome = steered.run(*words)
    assert (outcome.code, outcome.out) == (code, "") and said in outcome.err, outcome
    assert steered.link()["declared"] == []


def test_reload_prints_what_changed_or_every_mistake(steered, service, other):
    assert steered.run("reload").out == "nothing changes\n"
    text = steered.ambassador.file.read_text()
    steered.ambassador.file.write_text(text.replace('health = "tcp"', 'helth = "tcp"\npolicy = "best"'))
    outcome = steered.run("reload")
    assert (outcome.code, outcome.out) == (64, ""), outcome
    for part in ("links.toml:7:1", "did you mean health?", "links.toml:8:10", "policy"):
        assert part in outcome.err, outcome
    assert "turned down" in steered.run("status").out
    # What the watch applied already is no change any more: both ways it is in force afterwards.
    steered.ambassador.file.write_text(text.replace(service.url, other.url) + '[links.new]\nlisten = %d\nupstream = "%s"\n'
                                       % (free_port(), other.url))
    outcome = steered.run("reload")
    assert outcome.code == 0, outcome
    assert steered.link()["upstream"] == [other.url] and steered.link("new")["state"] == "up"
    assert "turned down" not in steered.run("status").out
    steered.ambassador.note_baseline()


def test_drain_and_resume(steered):
    consumer = consumer_of(steered.ports[0])
    outcome = steered.run("drain", "redis")
    assert (outcome.code, outcome.out) == (0, "redis takes no new sessions; 1 session goes on\n"), outcome
    assert steered.link()["state"] == "drained"
    consumer.send(b"goes on")
    consumer.expect(b"goes on")
    consumer.close()
    outcome = steered.run("resume", "redis")
    assert (outcome.code, outcome.out) == (0, "redis takes new sessions again\n"), outcome
    consumer_of(steered.ports[0]).close()
    assert steered.run("drain").out.startswith("no link takes new sessions; ")
    assert steered.run("resume").out == "every link takes new sessions again\n"
    consumer_of(steered.ports[0]).close()


def test_sessions_are_shown_and_closed(steered):
    consumers = [consumer_of(steered.ports[0]) for _ in range(3)]
    outcome = steered.run("sessions")
    assert outcome.code == 0 and is_narrow(outcome.out), outcome
    listed = json.loads(steered.run("sessions", "redis", "--json").out)["sessions"]
    names = {"%s:%d" % consumer.socket.getsockname() for consumer in consumers}
    assert {session["downstream"] for session in listed} == names
    assert all(name in outcome.out for name in names), outcome
    assert all((session["bytes_to_upstream"], session["state"]) == (5, "relaying") for session in listed), listed
    victim = listed[1]
    outcome = steered.run("sessions", "--close", victim["id"])
    assert (outcome.code, outcome.out) == (0, f"session {victim['id']} is closed\n"), outcome
    for consumer in consumers:
        if "%s:%d" % consumer.socket.getsockname() == victim["downstream"]:
            consumer.expect_reset()
        else:
            consumer.send(b"on")
            consumer.expect(b"on")
            consumer.close()
    eventually(lambda: steered.run("sessions").out == "no sessions\n", "no sessions")


def test_why_tells_what_went_wrong(steered):
    for _ in range(3):
        expect_reset_session(steered.ports[1])
    def told():
        why = json.loads(steered.run("why", "db.main", "--json").out)
        return [failure for failure in why["failures"] if failure["event"] == "session_failed" and failure["count"] == 3]
    failure = eventually(told, "three failures in one")[0]
    outcome = steered.run("why", "db.main")
    assert outcome.code == 0 and is_narrow(outcome.out), outcome
    for part in ("db.main is down", failure["reason"], "endpoint_down", "127.0.0.1:9"):
        assert part in outcome.out, outcome
    assert "nothing has gone wrong" in steered.run("why", "redis").out


def test_healthcheck_asks_for_life_and_with_an_option_for_readiness(steered, other):
    outcome = steered.run("healthcheck")
    assert outcome.code == 0, f"one dead provider of two is no reason to replace it: {outcome}"
    assert re.fullmatch(r"alive, not ready: degraded for \S+: 1 of 2 links is down: db\.main: 127\.0\.0\.1:9: .*\n", outcome.out), outcome
    outcome = steered.run("healthcheck", "--ready")
    assert outcome.code == 1 and outcome.out.startswith("not ready: degraded for "), outcome
    steered.run("rewire", "db.main", other.url)
    eventually(lambda: steered.run("healthcheck", "--ready").code == 0, "it is ready")
    assert steered.run("healthcheck", "--ready").out == "ready\n"
    for options, start in (((), "not alive: no ambassador answers"), (("--ready",), "not ready: no ambassador answers")):
        outcome = steered.run("healthcheck", *options, env={"AMBASSADOR_CONTROL": "/nonexistent.sock"})
        assert outcome.code == 1 and outcome.out.startswith(start), outcome
        assert len(outcome.out.splitlines()) == 1


def test_healthcheck_says_alive_in_time_though_readiness_is_never_answered(tmp_path):
    """As with a worker that is stuck. An engine gives a probe seconds, and a command elsewhere has more patience."""
    path = tmp_path / "c.sock"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()
        asking = subprocess.Popen(["timeout", "8", BINARY, "healthcheck"], env=environment({"AMBASSADOR_CONTROL": str(path)}),
                                  stdout=subprocess.PIPE)
        live, _ = listening.accept()
        with live:
            live.recv(4096)
            live.sendall(b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 16\r\n\r\n{"is_live":true}')
            ready, _ = listening.accept()
            with ready:
                out, _ = asking.communicate(timeout=20)
    assert (asking.returncode, out) == (0, b"alive\n")


def test_healthcheck_does_not_wait_for_a_program_that_hangs(steered):
    steered.ambassador.signal(signal.SIGSTOP)
    try:
        outcome = steered.run("healthcheck", within=60)
        assert outcome.code == 1 and outcome.out.startswith("not alive: the ambassador does not answer in time"), outcome
    finally:
        steered.ambassador.signal(signal.SIGCONT)


def test_wait_ends_when_the_link_is_ready_or_the_time_is_up(steered, other):
    assert steered.run("wait", "redis").code == 0
    outcome = steered.run("wait", "db.main", "--timeout", "200ms")
    assert (outcome.code, outcome.out) == (1, "") and "db.main is not ready after" in outcome.err, outcome
    waiting = subprocess.Popen([BINARY, "wait"], env=environment(steered.env), stdout=subprocess.PIPE)
    steered.run("rewire", "db.main", other.url)
    out, _ = waiting.communicate(timeout=20)
    assert (waiting.returncode, out) == (0, b"the ambassador is ready\n")


def test_wait_waits_for_the_program_itself(start_ambassador, service, tmp_path):
    env = {"AMBASSADOR_CONTROL": str(tmp_path / "later.sock")}
    waiting = subprocess.Popen([BINARY, "wait", "svc"], env=environment(env), stdout=subprocess.PIPE)
    start_ambassador(env={f"SVC_PORT_{free_port()}_TCP": service.url, **env})
    out, _ = waiting.communicate(timeout=20)
    assert (waiting.returncode, out) == (0, b"svc is ready\n")
    outcome = run_to_end("wait", "--timeout", "0", env={"AMBASSADOR_CONTROL": "/nonexistent.sock"})
    assert outcome.code == 1 and "no ambassador answers at /nonexistent.sock" in outcome.err, outcome


def test_readiness_ends_with_term_while_consumers_are_still_served(relay_to, service, tmp_path):
    env = {"AMBASSADOR_CONTROL": str(tmp_path / "c.sock"), "AMBASSADOR_LINGER": "30s"}
    ambassador = relay_to(service.serve(echo).url, env=env)
    assert run_to_end("healthcheck", "--ready", env=env).code == 0
    ambassador.signal(signal.SIGTERM)
    eventually(lambda: run_to_end("healthcheck", "--ready", env=env).out.startswith("not ready: stopping for "), "it is stopping")
    outcome = run_to_end("healthcheck", env=env)
    assert outcome.code == 0 and outcome.out.startswith("alive, not ready: stopping for "), outcome
    consumer_of(ambassador.port).close()
    outcome = run_to_end("rewire", "svc", "tcp://127.0.0.1:9", env=env)
    assert outcome.code == 1 and "the program is stopping" in outcome.err, outcome
    ambassador.signal(signal.SIGTERM)
    assert ambassador.wait_exit() in (0, 3)
    ambassador.expect_exit = ambassador.process.returncode


def test_a_name_with_any_character_is_found(from_file, service, tmp_path):
    ambassador = from_file(f'[links."a.b-c_d"]\nlisten = {free_port()}\nupstream = "{service.url}"\n')
    for words in (["why", "a.b-c_d"], ["drain", "a.b-c_d"], ["resume", "a.b-c_d"], ["wait", "a.b-c_d"], ["sessions", "a.b-c_d"],
                  ["rewire", "a.b-c_d", "tcp://127.0.0.1:9", "--force"]):
        outcome = run_to_end(*words, env={"AMBASSADOR_CONTROL": ambassador.control.path})
        assert outcome.code == 0, outcome
    outcome = run_to_end("why", "a/b?c#\x1b[2J", env={"AMBASSADOR_CONTROL": ambassador.control.path})
    assert outcome.code == 64 and "\x1b" not in outcome.err, outcome

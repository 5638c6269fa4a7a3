# SPDX-License-Identifier: Apache-2.0
"""A rewire is made only where one of the new targets is up; a slip of the pen takes no healthy link down."""

import signal
import subprocess
import threading

import pytest

from support.ambassador import BINARY, environment
from support.control import Control
from support.name_server import NameServer
from support.names import FIRST, PORT, SECOND, UPSTREAM_PORT, Names, link_to, reaches
from support.peer import Peer, Service, echo
from support.poll import eventually
from support.ports import free_port
from support.redis import Replica, port_behind
from support.servers import Dnsmasq, Redis
from support.steered import consumer_of, other, steered  # the fixtures


def is_as_before(steered, service):
    return steered.link()["upstream"] == [service.url] and steered.link()["declared"] == []


@pytest.fixture
def dead():
    return f"127.0.0.1:{free_port()}"


def test_a_name_that_does_not_resolve_changes_nothing(steered, service):
    outcome = steered.run("rewire", "redis", "tcp", "--check-timeout", "10s")
    assert (outcome.code, outcome.out) == (1, ""), outcome
    assert outcome.err.startswith("ambassador: rewiring would take redis down: tcp does not resolve"), outcome
    assert outcome.err.endswith("(use --force to do it all the same, or --wait 30s)\n"), outcome
    assert len(outcome.err.splitlines()) == 1
    assert is_as_before(steered, service)
    consumer_of(steered.ports[0]).close()


def test_an_address_that_refuses_changes_nothing(steered, service, dead):
    outcome = steered.run("rewire", "redis", f"tcp://{dead}")
    assert (outcome.code, outcome.out) == (1, ""), outcome
    assert f"rewiring would take redis down: {dead} refuses connections (use --force" in outcome.err, outcome
    assert is_as_before(steered, service)


def test_force_goes_on_all_the_same_and_says_what_it_found(steered, dead):
    outcome = steered.run("rewire", "redis", f"tcp://{dead}", "--force")
    assert outcome.code == 0 and f"-> tcp://{dead}" in outcome.out, outcome
    assert outcome.err == f"ambassador: warning: tcp://{dead}: refuses connections\n"
    assert steered.link()["upstream"] == [f"tcp://{dead}"]


def test_the_way_back_is_never_refused_and_says_what_it_found(steered, service, other):
    assert steered.run("rewire", "redis", other.url).code == 0
    service.close()
    outcome = steered.run("rewire", "redis", "--back")
    assert outcome.code == 0, outcome
    assert outcome.err == f"ambassador: warning: {service.url}: refuses connections\n"
    assert is_as_before(steered, service)


def test_one_target_that_is_up_is_enough_and_the_others_are_named(steered, other, dead):
    outcome = steered.run("rewire", "redis", f"{other.url},tcp://{dead}")
    assert outcome.code == 0 and "~ redis" in outcome.out, outcome
    assert outcome.err == f"ambassador: warning: tcp://{dead}: refuses connections\n"
    consumer_of(steered.ports[0]).close()


def test_a_dry_run_says_what_it_found_of_each_target_and_ends_as_the_rewire_would(steered, service, other, dead):
    outcome = steered.run("rewire", "redis", f"{other.url},tcp://{dead}", "--dry-run")
    assert (outcome.code, outcome.err) == (0, ""), outcome
    assert f"{other.url}: up in " in outcome.out and f"tcp://{dead}: refuses connections" in outcome.out, outcome
    outcome = steered.run("rewire", "redis", f"tcp://{dead}", "--dry-run")
    assert outcome.code == 1 and "rewiring would take redis down" in outcome.err, outcome
    assert "nothing was changed" in outcome.out
    assert is_as_before(steered, service)


@pytest.mark.parametrize("existing, said", [
    ([], "2 sessions at former endpoints are kept"),
    (["--existing", "cut"], "2 sessions at former endpoints are reset"),
    (["--existing", "drain=30s"], "2 sessions at former endpoints have 30s to end"),
])
def test_a_dry_run_says_what_becomes_of_the_sessions_at_former_endpoints(steered, service, other, existing, said):
    consumers = [consumer_of(steered.ports[0]) for _ in range(2)]
    assert said in steered.run("rewire", "redis", other.url, "--dry-run", *existing).out
    both = steered.run("rewire", "redis", f"{other.url},{service.url}", "--dry-run")
    assert "former endpoints" not in both.out, "they stay where the link still leads"
    for consumer in consumers:
        consumer.close()


def test_wait_waits_until_the_target_is_up(steered, dead):
    waiting = subprocess.Popen([BINARY, "rewire", "redis", f"tcp://{dead}", "--wait", "60s"],
                               env=environment(steered.env), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    with Service(port=int(dead.split(":")[1])) as late:
        late.serve(echo)
        out, err = waiting.communicate(timeout=60)
        assert (waiting.returncode, err) == (0, "") and f"-> tcp://{dead}" in out
        consumer_of(steered.ports[0]).close()


def test_wait_fails_as_it_would_without_when_its_time_is_over(steered, service, dead):
    outcome = steered.run("rewire", "redis", f"tcp://{dead}", "--wait", "700ms")
    assert outcome.code == 1 and "refuses connections" in outcome.err and "--wait" not in outcome.err, outcome
    assert is_as_before(steered, service)


@pytest.fixture
def ailing():
    """A redis that accepts connections, and closes each without an answer."""
    with Service() as service:
        service.target = f"{service.url}?health=redis"
        yield service


def wait_for(target, env, link="redis"):
    return subprocess.Popen([BINARY, "rewire", link, target, "--wait", "60s"], env=environment(env),
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def nobody_asks(service):
    try:
        service.accept(within=1.2).close()
    except TimeoutError:
        return True
    return False


def test_who_gives_up_waiting_is_waited_for_no_longer(steered, service, ailing):
    waiting = wait_for(ailing.target, steered.env)
    for _ in range(2):
        ailing.accept().close()
    waiting.kill()
    waiting.communicate(timeout=20)
    eventually(lambda: nobody_asks(ailing), "it is checked no more")
    assert is_as_before(steered, service)


def test_those_that_wait_take_nobodys_turn_and_a_later_rewire_ends_their_wait(steered, other, ailing):
    waiting = [wait_for(ailing.target, steered.env) for _ in range(8)]
    for _ in waiting:
        ailing.accept().close()
    ailing.serve(lambda peer: None)
    for _ in range(5):
        assert steered.run("status", "--json").code == 0
    assert steered.run("rewire", "redis", other.url).code == 0
    for one in waiting:
        out, err = one.communicate(timeout=30)
        assert (one.returncode, out) == (1, "") and "a later request has rewired redis meanwhile" in err, err
    assert steered.link()["upstream"] == [other.url]


def test_a_program_that_stops_meanwhile_changes_nothing(relay_to, service, tmp_path, ailing):
    env = {"AMBASSADOR_CONTROL": str(tmp_path / "c.sock"), "AMBASSADOR_LINGER": "30s"}
    ambassador = relay_to(service.serve(echo).url, env=env)
    waiting = wait_for(ailing.target, env, link="svc")
    ailing.accept().close()
    ailing.serve(lambda peer: None)
    ambassador.signal(signal.SIGTERM)
    out, err = waiting.communicate(timeout=30)
    assert (waiting.returncode, out) == (1, "") and "the program is stopping" in err, err
    ambassador.signal(signal.SIGTERM)
    assert ambassador.wait_exit() in (0, 3)
    ambassador.expect_exit = ambassador.process.returncode


def test_a_program_that_ends_meanwhile_ends_well(relay_to, service, tmp_path, ailing):
    env = {"AMBASSADOR_CONTROL": str(tmp_path / "c.sock")}
    ambassador = relay_to(service.serve(echo).url, env=env)
    waiting = wait_for(ailing.target, env, link="svc")
    with ailing.accept():
        ambassador.signal(signal.SIGTERM)
        assert ambassador.wait_exit() == 0
    _, err = waiting.communicate(timeout=30)
    assert waiting.returncode != 0 and err != ""


def test_the_links_own_check_decides(steered_to, server):
    primary = server(Redis())
    replica = server(Replica(primary))
    near = steered_to(f"{primary.url}?health=redis-primary&health_interval=200ms")
    eventually(lambda: near.control.link()["state"] == "up", "the primary is known")
    status, answer = near.control.call("PATCH", "/v1/links/svc", {"upstream": replica.url})
    assert status == 409, answer
    assert [one["is_well"] for one in answer["targets"]] == [False]
    assert answer["targets"][0]["said"].startswith("is a replica of"), answer
    assert port_behind(near.port) == primary.port


def test_a_server_that_accepts_and_is_silent_is_given_up_in_time(steered_to, service):
    service.serve(echo)
    with Service() as silent:
        near = steered_to(service.url)
        status, answer = near.control.call("PATCH", "/v1/links/svc", {
            "upstream": f"{silent.url}?health=redis&health_timeout=20s", "check_timeout_ms": 300})
    assert status == 409, answer
    assert answer["targets"][0]["said"] == "no answer within 300 ms", answer


def test_a_silent_name_server_is_given_up_in_time_and_others_are_served_meanwhile(start_ambassador, network, tmp_path):
    host = network.host("near")
    name_server = host.call(NameServer, lambda question: None)
    with host.call(Service, FIRST, UPSTREAM_PORT) as first:
        path = tmp_path / "control.sock"
        start_ambassador(prefix=[*host.prefix, *Names(tmp_path).prefix],
                         env={**link_to(first.url), "AMBASSADOR_CONTROL": str(path)})
        control, answers = Control(path), []
        asking = threading.Thread(target=lambda: answers.append(control.call(
            "PATCH", "/v1/links/svc", {"upstream": "tcp://nobody.test:1", "check_timeout_ms": 1500})))
        asking.start()
        eventually(lambda: name_server.asked, "the name server is asked")
        assert control.get("/v1/status")["state"] == "ready"
        assert reaches(host, first)
        asking.join(20)
    status, answer = answers[0]
    assert status == 409, answer
    assert answer["targets"][0]["said"] == "no answer from a name server within 1.5 s", answer


def test_a_name_and_a_service_are_resolved_as_links_resolve_them(start_ambassador, network, server, tmp_path):
    host = network.host("near")
    server(Dnsmasq(on=host, records={"one.test": FIRST, "two.test": SECOND},
                   services=[f"_svc._tcp.test,two.test,{UPSTREAM_PORT},0,0", f"_dead._tcp.test,two.test,9,0,0"]))
    names = Names(tmp_path)
    names.hosts(f"{SECOND} from-the-hosts-file\n")
    path = tmp_path / "control.sock"
    with host.call(Service, FIRST, UPSTREAM_PORT) as first, host.call(Service, SECOND, UPSTREAM_PORT) as second:
        for one in (first, second):
            one.serve(echo)
        start_ambassador(prefix=[*host.prefix, *names.prefix],
                         env={**link_to(f"tcp://one.test:{UPSTREAM_PORT}"), "AMBASSADOR_CONTROL": str(path)})
        control = Control(path)

        def found(target):
            answer = control.rewire(target, dry_run=True)
            return [(one["address"], one["is_well"]) for one in answer["targets"]], answer["refusal"]

        there = [(f"{SECOND}:{UPSTREAM_PORT}", True)]
        assert found("srv://_svc._tcp.test") == (there, "")
        assert found(f"tcp://from-the-hosts-file:{UPSTREAM_PORT}") == (there, "")
        assert found(f"tcp://two.test:{UPSTREAM_PORT}") == (there, "")
        targets, refusal = found("srv://_dead._tcp.test")
        assert targets == [(f"{SECOND}:9", False)] and "refuses connections" in refusal
        targets, refusal = found("srv://_none._tcp.test")
        assert targets == [("", False)] and refusal == (
            "rewiring would take svc down: srv://_none._tcp.test does not resolve")
        # A name of ours leads back to us: as before it is told, and never dialled.
        targets, refusal = found(f"tcp://one.test:{PORT}")
        assert "must not be used: leads back to our own listener" in refusal, refusal


def test_an_examination_needs_no_descriptor_of_a_session(relay_to, service, tmp_path):
    service.serve(echo)
    control = tmp_path / "c.sock"
    near = relay_to(service.url, env={"AMBASSADOR_CONTROL": str(control)}, prefix=["prlimit", "--nofile=64:64"])
    addresses = ",".join(f"tcp://127.4.0.{number}:9" for number in range(1, 17))
    status, answer = Control(control).call("PATCH", "/v1/links/svc", {"upstream": addresses})
    assert status == 409, answer
    assert [one["said"] for one in answer["targets"]] == ["refuses connections"] * 16
    with Peer.connect(near.port) as consumer:
        consumer.send(b"x")
        consumer.expect(b"x")

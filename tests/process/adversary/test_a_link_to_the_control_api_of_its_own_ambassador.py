# SPDX-License-Identifier: Apache-2.0
"""A link whose upstream is the ambassador's own control socket or admin port would give the API to whoever reaches a port."""

import http.client
import json
import os
import pathlib
import tempfile

import pytest

from support.ambassador import run_to_end
from support.control import Control
from support.network import needs_namespaces, private_etc
from support.ports import free_port

TOKEN = "0123456789abcdef-token"


def problems(outcome):
    return [record["problem"] for record in outcome.records.of("wiring_problem")]


def assert_refused(outcome):
    assert outcome.code == 64, outcome
    assert any("control API" in problem for problem in problems(outcome)), outcome


@pytest.fixture
def place():
    """In a folder of a short name: spelled the long way round it must still fit into a socket's address."""
    with tempfile.TemporaryDirectory() as folder:
        yield pathlib.Path(folder) / "control.sock"


def spellings(place):
    folder, name = place.parent, place.name
    return [f"unix://{place}", f"unix://{folder}//{name}", f"unix://{folder}/./{name}",
            f"unix://{folder}/../{folder.name}/{name}", f"unix://{folder}/again/{name}"]


@pytest.fixture
def again(place):
    """A symbolic link to the folder."""
    (place.parent / "again").symlink_to(place.parent)


def test_its_socket_is_refused_in_every_spelling_before_it_is_there(place, again):
    for url in spellings(place):
        env = {"X_PORT_80_TCP": url, "AMBASSADOR_CONTROL": str(place)}
        assert_refused(run_to_end(env=env))
        checked = run_to_end("check", env=env)
        assert checked.code == 64 and "is the control API" in " ".join(checked.out.split()), checked


def test_so_is_one_of_the_usual_places_and_its_abstract_name():
    uid = os.geteuid()
    for url in ("unix:///run/ambassador/control.sock", f"unix:///tmp/ambassador-{uid}/control-3.sock",
                f"unix:@ambassador-control-{uid}"):
        assert_refused(run_to_end(env={"X_PORT_80_TCP": url, "AMBASSADOR_CONTROL": ""}))


def test_and_its_admin_port_by_every_own_address(tmp_path):
    port = free_port()
    for bound, dialled in (("127.0.0.1", "127.0.0.1"), ("127.0.0.1", "localhost"), ("0.0.0.0", "127.0.0.9"), ("[::]", "127.0.0.1"),
                           ("[::]", "[::1]"), ("0.0.0.0", "0.0.0.0")):
        env = {"X_PORT_80_TCP": f"tcp://{dialled}:{port}", "AMBASSADOR_ADMIN": f"{bound}:{port}",
               "AMBASSADOR_ADMIN_TOKEN": TOKEN}
        assert_refused(run_to_end(env=env))


def test_a_symbolic_link_to_the_socket_is_refused_at_the_start(place):
    link = place.parent / "innocent.sock"
    link.symlink_to(place)
    outcome = run_to_end(env={f"X_PORT_{free_port()}_TCP": f"unix://{link}", "AMBASSADOR_CONTROL": str(place)})
    assert outcome.code == 64 and "control API" in outcome.records.of("cannot_start")[0]["error"], outcome
    assert not place.exists()


def test_a_rewire_and_a_reload_are_refused_too(from_file, service, tmp_path):
    port = free_port()
    text = f'[links.svc]\nlisten = {port}\nupstream = "%s"\n'
    ambassador = from_file(text % service.url)
    place = tmp_path / "control.sock"
    (tmp_path / "innocent.sock").symlink_to(place)
    for url in (f"unix://{place}", f"unix://{tmp_path}/innocent.sock"):
        status, answer = ambassador.control.call("PATCH", "/v1/links/svc", {"upstream": [url]})
        assert status == 422 and "control API" in json.dumps(answer), answer
        ambassador.file.write_text(text % url)
        status, answer = ambassador.control.call("POST", "/v1/reload")
        assert status == 422 and "control API" in json.dumps(answer), answer
    assert ambassador.control.link()["upstream"] == [service.url]


def test_a_link_that_comes_to_lead_there_later_is_not_its_owner(start_ambassador, tmp_path):
    """The symbolic link is turned round after the start, when no wiring is judged any more."""
    place, link, port = tmp_path / "control.sock", tmp_path / "x.sock", free_port()
    link.symlink_to(tmp_path / "nobody.sock")
    ambassador = start_ambassador(env={f"X_PORT_{port}_TCP": f"unix://{link}", "AMBASSADOR_CONTROL": str(place)})
    link.unlink()
    link.symlink_to(place)
    relayed = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    relayed.request("POST", "/v1/drain", "{}", {"Content-Type": "application/json"})
    answer = relayed.getresponse()
    assert answer.status == 403 and b"its own control socket" in answer.read()
    relayed.close()
    assert ambassador.events("link_drained") == []
    assert Control(place).get("/v1/live") == {"is_live": True}, "its owner is served as ever"


@needs_namespaces()
def test_nor_is_the_admin_port_by_a_name(start_ambassador, tmp_path):
    hosts, admin = tmp_path / "hosts", free_port()
    hosts.write_text("127.0.0.1 localhost harbour\n")
    ambassador = start_ambassador(env={f"X_PORT_{free_port()}_TCP": f"tcp://harbour:{admin}",
                                       "AMBASSADOR_ADMIN": f"0.0.0.0:{admin}", "AMBASSADOR_ADMIN_TOKEN": TOKEN},
                                  prefix=private_etc(hosts=hosts))
    refused = ambassador.wait_event("endpoint_refused")
    assert refused["address"] == f"127.0.0.1:{admin}" and f"0.0.0.0:{admin}" in refused["error"]


def test_nor_by_a_rewire(steered_to, service):
    admin = free_port()
    ambassador = steered_to(service.url, env={"AMBASSADOR_ADMIN": f"127.0.0.1:{admin}", "AMBASSADOR_ADMIN_TOKEN": TOKEN})
    for dry_run in (True, False):
        status, answer = ambassador.control.call("PATCH", "/v1/links/svc",
                                                 {"upstream": [f"tcp://127.0.0.1:{admin}"], "dry_run": dry_run})
        assert status == 422 and "control API" in json.dumps(answer), answer
    assert ambassador.control.link()["upstream"] == [service.url]

# SPDX-License-Identifier: Apache-2.0
"""The file of links is watched; what it says holds, whole or not at all, and sessions that are up do not notice."""

import json
import os
import signal

import pytest

from support.ambassador import run_to_end
from support.peer import Peer, Service, accepts, echo
from support.poll import eventually
from support.ports import free_port
from support.redis import port_behind
from support.servers import Redis


def link(port, url, more="", name="svc"):
    return f'[links.{name}]\nlisten = {port}\nupstream = "{url}"\n{more}\n'


def in_place(file, text):
    file.write_text(text)


def by_rename(file, text):
    beside = file.with_suffix(".new")
    beside.write_text(text)
    beside.rename(file)


@pytest.mark.parametrize("write", [in_place, by_rename])
def test_a_written_file_is_followed(from_file, server, write):
    port, old, new = free_port(), server(Redis()), server(Redis())
    near = from_file(link(port, old.url))
    write(near.file, link(port, new.url))
    near.wait_event("wiring_changed", cause="file")
    assert port_behind(port) == new.port


def test_a_config_map_that_kubernetes_swaps_is_followed(start_ambassador, server, tmp_path):
    port, old, new = free_port(), server(Redis()), server(Redis())
    for generation, redis in (("..1", old), ("..2", new)):
        (tmp_path / generation).mkdir()
        (tmp_path / generation / "links.toml").write_text(link(port, redis.url))
    (tmp_path / "..data").symlink_to("..1")
    (tmp_path / "links.toml").symlink_to("..data/links.toml")
    near = start_ambassador("--config", str(tmp_path / "links.toml"))
    (tmp_path / "..data_tmp").symlink_to("..2")
    (tmp_path / "..data_tmp").rename(tmp_path / "..data")
    near.wait_event("wiring_changed", cause="file")
    assert port_behind(port) == new.port


def test_sighup_reads_everything_again(from_file, service):
    port, more = free_port(), free_port()
    near = from_file(link(port, service.url))
    near.signal(signal.SIGSTOP)  # the watch must not be first
    by_rename(near.file, link(port, service.url) + link(more, service.url, name="more"))
    near.signal(signal.SIGHUP)
    near.signal(signal.SIGCONT)
    near.wait_event("wiring_changed", links=2)
    near.note_baseline()  # with the new listeners
    service.serve(echo)
    assert accepts(more)


def test_links_come_and_go_and_those_that_stay_are_not_disturbed(from_file, service):
    service.serve(echo)
    stays, goes, comes = free_port(), free_port(), free_port()
    near = from_file(link(stays, service.url, name="stays") + link(goes, service.url, name="goes"))
    with Peer.connect(stays) as one, Peer.connect(goes) as two:
        for peer in (one, two):
            peer.send(b"up")
            peer.expect(b"up")
        in_place(near.file, link(stays, service.url, name="stays") + link(comes, service.url, name="comes"))
        near.wait_event("wiring_changed")
        eventually(lambda: not accepts(goes), "the port of the removed link is closed")
        assert accepts(comes)
        for peer in (one, two):
            peer.send(b"still up")
            peer.expect(b"still up")
    steps = {(step["kind"], step["link"]) for step in near.control.change("POST", "/v1/plan", {
        "path": "before.toml", "text": link(stays, service.url, name="stays")})["steps"]}
    assert steps == {("remove", "comes")}


def test_a_removed_link_ends_its_sessions_if_it_says_so(from_file, service):
    stays, goes = free_port(), free_port()
    near = from_file(link(stays, service.url, name="stays") + link(goes, service.url, 'on_rewire = "cut"', name="goes"))
    with Peer.connect(goes) as consumer, service.accept():
        in_place(near.file, link(stays, service.url, name="stays"))
        consumer.expect_reset()
    near.wait_failures("removed")


def test_a_thousand_sessions_outlive_the_removal_of_their_endpoint_and_new_ones_go_elsewhere(from_file, service):
    port = free_port()
    with Service() as other:
        service.serve(echo)
        other.serve(lambda peer: peer.send(b"other"))
        near = from_file(link(port, service.url))
        consumers = [Peer.connect(port) for _ in range(1000)]
        for consumer in consumers:
            consumer.send(b"before")
            consumer.expect(b"before")
        in_place(near.file, link(port, other.url))
        near.wait_event("wiring_changed")
        with Peer.connect(port) as late:
            late.expect(b"other")
        for consumer in consumers:
            consumer.send(b"after")
            consumer.expect(b"after")
            consumer.close()
    assert near.failures() == []


def test_a_listener_may_widen_from_one_address_to_all_and_no_consumer_is_refused(from_file, service):
    service.serve(echo)
    port = free_port()
    near = from_file(link(port, service.url))
    in_place(near.file, link(f'"tcp://0.0.0.0:{port}"', service.url))

    def is_served_and_changed():
        with Peer.connect(port) as consumer:
            consumer.send(b"x")
            consumer.expect(b"x")
        return near.events("wiring_changed")
    eventually(is_served_and_changed, "the change is told")
    assert near.control.link()["listen"] == [f"0.0.0.0:{port}"]


def test_a_link_under_another_name_keeps_its_listener(from_file, service):
    service.serve(echo)
    port = free_port()
    near = from_file(link(port, service.url, name="old"))
    with Peer.connect(port) as consumer:
        in_place(near.file, link(port, service.url, name="new"))
        assert "name old -> new" in near.wait_event("link_changed")["details"]
        consumer.send(b"x")
        consumer.expect(b"x")
    assert len(near.events("listening")) == 1


def test_a_port_that_is_taken_leaves_everything_as_it_was(from_file, service):
    port, more = free_port(), free_port()
    near = from_file(link(port, service.url))
    with Service() as somebody:
        in_place(near.file, link(port, somebody.url) + link(more, service.url, name="more")
                 + link(somebody.port, service.url, name="taken"))
        near.wait_event("wiring_rejected")
        assert str(somebody.port) in near.events("wiring_problem")[0]["value"]
        assert not accepts(more)
        assert near.control.link()["upstream"] == [service.url]
        status = near.control.get("/v1/status")
        assert (status["generation"], status["reloads_rejected"]) == (1, 1)
        assert len(status["last_rejection"]["problems"]) == 1


def test_a_mistake_is_told_with_line_and_column_and_the_next_good_file_holds(from_file, service):
    port = free_port()
    near = from_file(link(port, service.url))
    in_place(near.file, link(port, "tcp://127.0.0.1:99999"))
    assert near.wait_event("wiring_problem")["from"].endswith("links.toml:3:12")
    with Service() as other:
        in_place(near.file, link(port, other.url))
        near.wait_event("wiring_changed")
        assert near.control.get("/v1/status")["last_rejection"] is None


def test_a_file_that_vanishes_is_no_empty_file(from_file, service):
    port = free_port()
    near = from_file(link(port, service.url))
    near.file.unlink()
    near.wait_event("wiring_rejected", cause="file")
    assert accepts(port)
    service.accept().close()
    in_place(near.file, link(port, service.url))


def test_a_rewire_outlives_reloads_that_do_not_concern_it_and_ends_with_its_links_own_words(from_file, service):
    port, more = free_port(), free_port()
    with Service() as other, Service() as third:
        near = from_file(link(port, service.url))
        near.control.rewire(other.url)
        in_place(near.file, link(port, service.url) + link(more, service.url, name="more"))
        near.wait_event("wiring_changed", links=2)
        assert near.control.link()["upstream"] == [other.url]
        in_place(near.file, link(port, third.url))
        near.wait_event("rewire_ended", link="svc")
        assert near.control.link()["upstream"] == [third.url]


def test_touching_the_file_is_no_news(from_file, service):
    near = from_file(link(free_port(), service.url))
    os.utime(near.file)
    in_place(near.file, near.file.read_text())
    near.control.change("POST", "/v1/reload")
    assert near.control.generation() == 1
    assert near.events("wiring_changed") == near.events("wiring_rejected") == []


def test_check_of_a_file_tells_what_it_would_change_in_what_runs(from_file, service):
    port, more = free_port(), free_port()
    with Service() as other:
        near = from_file(link(port, service.url) + link(free_port(), service.url, name="goes"))
        new = near.file.with_name("new.toml")
        new.write_text(link(port, other.url) + link(more, service.url, name="comes"))
        env = {"AMBASSADOR_CONTROL": near.control.path}
        said = run_to_end("check", str(new), env=env)
        assert said.code == 0
        plan = said.out[said.out.index("the ambassador that runs here"):]
        assert [line for line in plan.splitlines() if line[:2] in ("~ ", "+ ", "- ")] == ["~ svc", "+ comes", "- goes"]
        preview = json.loads(run_to_end("check", "--json", str(new), env=env).out)["preview"]
        assert [step["kind"] for step in preview["steps"]] == ["change", "add", "remove"]
        assert near.control.generation() == 1
        assert "the ambassador that runs here" not in run_to_end("check", str(new)).out

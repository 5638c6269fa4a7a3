# SPDX-License-Identifier: Apache-2.0
"""A UNIX path that a link listens on is taken away when listening ends, and only while the socket there is ours: a
successor, a stranger and the winner of two that start at once keep theirs."""

import os
import signal
import socket

import pytest

from support.ambassador import Ambassador
from support.peer import Peer, Service, echo
from support.poll import eventually
from support.ports import free_port


@pytest.fixture
def path(tmp_path):
    return tmp_path / "service.sock"


def listens(path):
    try:
        Peer.connect_unix(path).close()
    except OSError:
        return False
    return True


def answers(path):
    with Peer.connect_unix(path) as peer:
        peer.send(b"hello")
        peer.expect(b"hello")


def test_a_successor_keeps_the_path_when_its_draining_predecessor_ends(relay_to, service, path):
    service.serve(echo)
    first = relay_to(f"{service.url}?listen=unix://{path}", env={"AMBASSADOR_DRAIN": "60"})
    with Peer.connect_unix(path) as long:
        long.send(b"x")
        long.expect(b"x")
        first.signal(signal.SIGTERM)
        eventually(lambda: not listens(path), "the predecessor draining")
        relay_to(f"{service.url}?listen=unix://{path}")
        answers(path)
        long.send(b"y")
        long.expect(b"y")
    assert first.wait_exit() == 0
    answers(path)


def test_the_path_is_free_as_soon_as_the_drain_begins(relay_to, service, path):
    service.serve(echo)
    near = relay_to(f"{service.url}?listen=unix://{path}", env={"AMBASSADOR_DRAIN": "60"})
    with Peer.connect_unix(path) as long:
        long.send(b"x")
        long.expect(b"x")
        near.signal(signal.SIGTERM)
        eventually(lambda: list(path.parent.iterdir()) == [], "nothing left of the path")


def test_a_second_signal_leaves_nothing_behind(relay_to, service, path):
    service.serve(echo)
    near = relay_to(f"{service.url}?listen=unix://{path}", env={"AMBASSADOR_LINGER": "60"}, expect_exit=3)
    with Peer.connect_unix(path) as held:
        held.send(b"x")
        held.expect(b"x")
        near.signal(signal.SIGTERM)
        near.wait_event("stopping")
        assert listens(path), "it lingers"
        near.signal(signal.SIGTERM)
        near.wait_exit()
    assert list(path.parent.iterdir()) == []


def test_a_reload_that_drops_a_link_leaves_a_strangers_socket_at_its_path_alone(from_file, service, path):
    kept = f'[links.kept]\nlisten = {free_port()}\nupstream = "{service.url}"\n'
    near = from_file(kept + f'[links.gone]\nlisten = "unix://{path}"\nupstream = "{service.url}"\n')
    path.unlink()
    with Service(path=path).serve(echo):
        near.file.write_text(kept)
        near.wait_event("wiring_changed")
        answers(path)


def test_a_stranger_that_has_taken_the_path_keeps_it_when_we_end(relay_to, service, path):
    near = relay_to(f"{service.url}?listen=unix://{path}")
    path.unlink()
    with Service(path=path).serve(echo):
        near.stop()
        answers(path)


def test_of_two_that_start_at_once_one_has_the_path_and_the_other_says_so(service, path):
    service.serve(echo)
    for _ in range(12):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as dead:
            dead.bind(str(path))  # both find a dead program's socket
        both = [Ambassador(env={f"SVC_PORT_{free_port()}_TCP": f"{service.url}?listen=unix://{path}"})
                for _ in range(2)]
        try:
            eventually(lambda: sum(not one.alive() for one in both) == 1
                       and any(one.alive() and one.events("ready") for one in both), "one that runs, one that ended")
            loser = next(one for one in both if not one.alive())
            assert loser.wait_exit() == 64
            assert str(path) in loser.events("listen_failed")[0]["address"]
            answers(path)
            winner = next(one for one in both if one is not loser)
            winner.signal(signal.SIGTERM)
            assert winner.wait_exit() == 0
            assert not path.exists()
        finally:
            for one in both:
                one.kill()


def test_what_a_killed_program_left_is_taken_over(relay_to, start_ambassador, service, path):
    service.serve(echo)
    url = f"{service.url}?listen=unix://{path}"
    killed = Ambassador(env={f"SVC_PORT_{free_port()}_TCP": url}).wait_ready()
    killed.kill()
    assert path.is_socket()
    near = relay_to(url)
    answers(path)
    near.stop()
    assert os.listdir(path.parent) == []

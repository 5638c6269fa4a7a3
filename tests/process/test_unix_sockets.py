# SPDX-License-Identifier: Apache-2.0
"""UNIX sockets on either side: a service behind a path, a consumer that connects to one, and its socket file."""

import os
import secrets
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from support import processes
from support.ambassador import run_to_end
from support.bytes import MIB, noise, sha256
from support.peer import Peer, Service, echo
from support.poll import eventually
from support.ports import free_port

AN_ID = 54321
ANOTHER_ID = 54322

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away, and become another user")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "service.sock"


def test_a_service_behind_a_path_gets_every_byte_and_answers(relay_to, path):
    data = noise(16 * MIB, seed=1)
    with Service(path=path).serve(echo):
        near = relay_to(f"unix://{path}")
        with Peer.connect(near.port) as peer:
            reading = peer.receive_in_background(len(data))
            peer.send(data)
            peer.finish()
            assert sha256(reading.result()) == sha256(data)
            peer.expect_fin()
    assert near.failures() == []


def listening_on_path(relay_to, service, path):
    return relay_to(f"{service.url}?listen=unix://{path}")


def test_a_consumer_reaches_the_service_through_a_path(relay_to, service, path):
    listening_on_path(relay_to, service.serve(echo), path)
    with Peer.connect_unix(path) as peer:
        peer.send(b"hello")
        peer.finish()
        peer.expect(b"hello")
        peer.expect_fin()


def test_a_stale_socket_file_is_replaced(relay_to, service, path):
    left_behind = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    left_behind.bind(str(path))
    left_behind.close()
    listening_on_path(relay_to, service.serve(echo), path)
    with Peer.connect_unix(path) as peer:
        peer.send(b"hello")
        peer.expect(b"hello")


def test_a_path_on_which_somebody_listens_is_refused_and_left_alone(service, path):
    with Service(path=path).serve(echo):
        name = f"SVC_PORT_{free_port()}_TCP"
        outcome = run_to_end(env={name: f"{service.url}?listen=unix://{path}"})
        assert outcome.code == 64, outcome
        assert name in outcome.err and str(path) in outcome.err
        with Peer.connect_unix(path) as peer:
            peer.send(b"still here")
            peer.expect(b"still here")


def test_a_file_that_is_no_socket_is_refused_and_left_alone(service, path):
    path.write_text("precious")
    outcome = run_to_end(env={f"SVC_PORT_{free_port()}_TCP": f"{service.url}?listen=unix://{path}"})
    assert outcome.code == 64, outcome
    assert path.read_text() == "precious"


def test_the_socket_file_goes_with_the_program(relay_to, service, path):
    near = listening_on_path(relay_to, service, path)
    assert path.is_socket()
    near.stop()
    assert not path.exists()


def of_another_user(path, uid, gid):
    """How a program of that user and group fares when it connects there: what it reads of an echo, or the error."""
    program = ("import socket, sys\ns = socket.socket(socket.AF_UNIX)\ns.connect(sys.argv[1])\n"
               "s.sendall(b'hello')\nprint(s.recv(5).decode())")
    ran = subprocess.run(["setpriv", f"--reuid={uid}", f"--regid={gid}", "--clear-groups", sys.executable, "-c", program,
                          str(path)], capture_output=True, text=True, timeout=60, check=False)
    return ran.stdout.strip() or ran.stderr.strip().splitlines()[-1].split(":")[0]


@pytest.fixture
def open_folder():
    """A folder that every user gets into, which those of tmp_path are not."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        yield Path(folder)


def mode_of(path):
    return path.stat().st_mode & 0o777


def test_a_path_has_the_mode_that_its_link_says_whatever_the_umask(relay_to, service, path):
    relay_to(f"{service.url}?listen=unix://{path}&mode=0666", prefix=["sh", "-c", 'umask 077; exec "$@"', "sh"])
    assert mode_of(path) == 0o666


def test_a_path_without_a_mode_has_what_the_umask_leaves(relay_to, service, path):
    relay_to(f"{service.url}?listen=unix://{path}", prefix=["sh", "-c", 'umask 027; exec "$@"', "sh"])
    assert mode_of(path) == 0o750


@as_root
def test_a_consumer_of_another_user_connects_where_mode_and_group_let_it(relay_to, service, open_folder):
    path = open_folder / "x.sock"
    service.serve(echo)
    relay_to(f"{service.url}?listen=unix://{path}&mode=0660&group={AN_ID}")
    assert of_another_user(path, ANOTHER_ID, AN_ID) == "hello"
    assert of_another_user(path, ANOTHER_ID, ANOTHER_ID) == "PermissionError"


@as_root
def test_a_path_belongs_to_the_user_and_group_that_are_named(relay_to, service, path):
    relay_to(f"{service.url}?listen=unix://{path}&mode=0600&owner=nobody&group=nogroup")
    assert (path.owner(), path.group(), mode_of(path)) == ("nobody", "nogroup", 0o600)


@as_root
def test_a_reload_changes_who_may_connect_and_keeps_the_socket(from_file, service, path):
    table = f'[links.a]\nlisten = "unix://{path}"\nupstream = "{service.url}"\n'
    near = from_file(table)
    inode, before = path.stat().st_ino, mode_of(path)
    near.file.write_text(table + f'mode = "0660"\ngroup = {AN_ID}\n')
    near.wait_event("wiring_changed")
    assert (mode_of(path), path.stat().st_gid) == (0o660, AN_ID)
    near.file.write_text(table + 'mode = "0666"\nowner = "nobody-by-this-name"\n')
    near.wait_event("wiring_rejected")
    assert "nobody-by-this-name" in near.events("listen_failed")[0]["error"]
    assert (mode_of(path), path.stat().st_gid) == (0o660, AN_ID)
    near.file.write_text(table)
    eventually(lambda: len(near.events("wiring_changed")) == 2, "the second change")
    assert (mode_of(path), path.stat().st_gid, path.stat().st_ino) == (before, 0, inode)


def abstract_name():
    return "ambassador.test." + secrets.token_hex(8)


def test_a_consumer_reaches_the_service_through_an_abstract_name(relay_to, service):
    name = abstract_name()
    relay_to(f"{service.serve(echo).url}?listen=unix:@{name}")
    with Peer.connect_unix("\0" + name) as peer:
        peer.send(b"hello")
        peer.expect(b"hello")
    outcome = run_to_end(env={f"SVC_PORT_{free_port()}_TCP": f"{service.url}?listen=unix:@{name}"})
    assert outcome.code == 64, outcome
    assert f"unix:@{name}" in outcome.err


def test_a_service_has_an_abstract_name(relay_to):
    name = abstract_name()
    with Service(path="\0" + name).serve(echo):
        near = relay_to(f"unix:@{name}?health=tcp")
        with Peer.connect(near.port) as peer:
            peer.send(b"hello")
            peer.expect(b"hello")


def test_a_link_that_leads_to_its_own_abstract_name_is_a_loop():
    name = abstract_name()
    outcome = run_to_end("check", env={f"SVC_PORT_{free_port()}_TCP": f"unix:@{name}?listen=unix:@{name}"})
    assert outcome.code == 64, outcome
    assert "this ambassador itself" in outcome.out


DYING_SERVICE = """
import os, signal, socket, sys
path, size, flags = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
listening.bind(path)
listening.listen()
peer, _ = listening.accept()
peer.sendall(b"d" * size)
peer.recv(1, flags)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("leaves_it_unread", [False, True], ids=["nothing_unread", "a_byte_unread"])
def test_a_service_process_that_dies_ends_the_session_exactly_and_without_a_spin(relay_to, path, leaves_it_unread):
    size = 100_000
    flags = socket.MSG_PEEK if leaves_it_unread else 0
    dying = subprocess.Popen([sys.executable, "-c", DYING_SERVICE, str(path), str(size), str(int(flags))])
    try:
        eventually(path.exists, "the service listening")
        near = relay_to(f"unix://{path}")
        with Peer.connect(near.port) as consumer:
            consumer.expect(b"d" * size)
            consumer.send(b"x")
            received = consumer.receive_to_end()
            assert (received.data, received.ending) == (b"", "reset" if leaves_it_unread else "fin")
            assert processes.cpu_share(near.pid, window_s=1.0) < 0.05, "the hangup is consumed, not polled for ever"
    finally:
        dying.kill()
        dying.wait()

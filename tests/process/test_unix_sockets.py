# SPDX-License-Identifier: Apache-2.0
"""UNIX sockets on either side: a service behind a path, a consumer that connects to one, and its socket file."""

import socket
import subprocess
import sys

import pytest

from support import processes
from support.ambassador import run_to_end
from support.bytes import MIB, noise, sha256
from support.peer import Peer, Service, echo
from support.poll import eventually
from support.ports import free_port


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

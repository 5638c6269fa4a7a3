# SPDX-License-Identifier: Apache-2.0
"""Pipes are for speed alone: where the kernel gives none, or only tiny ones, everything is copied and arrives all the same."""

import contextlib
import os
import subprocess
import sys

import pytest

from support import processes
from support.bytes import KIB, MIB, noise
from support.network import skip_without_namespaces
from support.peer import Background, Peer

USER = 64123  # nobody else's, so that its share of the kernel's pipe memory is what this test takes
SOFT_LIMIT = "/proc/sys/fs/pipe-user-pages-soft"
PIPES_PER_WORKER = 32
SESSIONS = 100

# Takes pipes of 1 MiB until the kernel gives this user no more, and holds them until its input ends.
HOG = """
import fcntl, os, sys
pipes = []
try:
    while True:
        pipes.append(os.pipe())
        fcntl.fcntl(pipes[-1][1], 1031, 1 << 20)
except PermissionError:
    print(len(pipes), flush=True)
sys.stdin.read()
"""


def as_user(*command):
    return ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", "--bounding-set=-all",
            "--inh-caps=-all", *command]


@contextlib.contextmanager
def hog():
    """Another process of that user that holds all the pipe memory there is for it."""
    with subprocess.Popen(as_user(sys.executable, "-c", HOG), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          text=True) as process:
        try:
            assert int(process.stdout.readline()) > 1
            yield
        finally:
            process.stdin.close()


def bulk(near, service, sessions, size):
    """All sessions at once, half of each read before the other half, so that each is full in between. How many pipes
    there are by then."""
    data, before = noise(size, seed=16), processes.pipe_ends(near.pid)
    pairs = []
    for _ in range(sessions):
        pairs.append((Peer.connect(near.port, receive_buffer=32 * KIB), service.accept()))
    sending = [upstream.send_in_background(data) for _, upstream in pairs]
    for consumer, _ in pairs:
        consumer.expect(data[:size // 2])
    pipes = (processes.pipe_ends(near.pid) - before) / 2
    for reading in [Background(consumer.expect, data[size // 2:]) for consumer, _ in pairs]:
        reading.result()
    for one in sending:
        one.result()
    for peer in (peer for pair in pairs for peer in pair):
        peer.close()
    return pipes


@pytest.fixture
def unprivileged(relay_to, service):
    skip_without_namespaces()  # they need root, and so does becoming somebody else
    if not os.path.exists(SOFT_LIMIT):
        pytest.skip("this kernel has no limit for the pipes of a user")
    return lambda: relay_to(service.url, env={"AMBASSADOR_WORKERS": "2"}, prefix=as_user())


def test_many_bulk_sessions_of_an_unprivileged_program_share_a_bounded_number_of_pipes(unprivileged, service):
    near = unprivileged()
    assert 0 < bulk(near, service, SESSIONS, 8 * MIB) <= 2 * PIPES_PER_WORKER
    assert near.failures() == []


def test_a_user_whose_pipe_memory_is_spent_is_served_by_copying(unprivileged, service):
    with hog():
        near = unprivileged()
        assert bulk(near, service, 20, 8 * MIB) == 0
        assert near.failures() == []


@pytest.mark.minutes
def test_twelve_hundred_bulk_sessions_of_an_unprivileged_program_are_exact(unprivileged, service):
    near = unprivileged()
    assert bulk(near, service, 1200, MIB) <= 2 * PIPES_PER_WORKER
    assert near.failures() == []

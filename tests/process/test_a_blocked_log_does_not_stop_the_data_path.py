# SPDX-License-Identifier: Apache-2.0
"""The log goes to a pipe that nobody reads, to nothing, or to a full disk: bytes keep moving all the same."""

import os

import pytest

from support.bytes import MIB, noise, sha256
from support.peer import Background, Peer, accepts, echo, expect_reset_session
from support.poll import eventually
from support.ports import free_port
from support.records import Records

FAILING = 3000


def fail_many_sessions(port):
    """Every one ends with a log record: far more than a pipe holds."""
    for _ in range(FAILING):
        expect_reset_session(port)


@pytest.fixture
def start_with_stderr(start_ambassador, service):
    """Two links: one works, every session of the other fails."""
    service.serve(echo)

    def start(stderr, prefix=()):
        good, bad = free_port(), free_port()
        ambassador = start_ambassador(wait=False, stderr=stderr, prefix=prefix, env={
            f"GOOD_PORT_{good}_TCP": service.url, f"BAD_PORT_{bad}_TCP": f"tcp://127.0.0.1:{free_port()}?connect_retries=0"})
        eventually(lambda: accepts(good) and accepts(bad), "both links accept")
        return ambassador, good, bad

    return start


def exercise(ambassador, good, bad):
    data = noise(32 * MIB, seed=21)
    batches = [Background(fail_many_sessions, bad) for _ in range(2)]
    with Peer.connect(good) as peer:
        for _ in range(3):
            reading = peer.receive_in_background(len(data))
            peer.send(data)
            assert sha256(reading.result()) == sha256(data)
        for batch in batches:
            batch.result(within=120)
        peer.send(b"still here")
        peer.expect(b"still here")
    assert ambassador.alive()


def test_stderr_is_a_pipe_that_nobody_reads(start_with_stderr):
    reading, writing = os.pipe()
    try:
        exercise(*start_with_stderr(writing))
    finally:
        os.close(writing)
        os.close(reading)


def test_stderr_is_a_pipe_whose_reader_has_gone(start_with_stderr):
    reading, writing = os.pipe()
    ambassador, good, bad = start_with_stderr(writing)
    os.close(reading)
    os.close(writing)
    exercise(ambassador, good, bad)


def test_stderr_was_closed_before_the_start(start_with_stderr):
    exercise(*start_with_stderr(None, prefix=["sh", "-c", 'exec "$@" 2>&-', "sh"]))


def test_no_socket_takes_the_number_of_a_standard_stream_that_was_closed(start_ambassador):
    ambassador = start_ambassador(env={f"SVC_PORT_{free_port()}_TCP": "tcp://127.0.0.1:9"},
                                  prefix=["sh", "-c", 'exec "$@" <&- >&-', "sh"])
    for stream in (0, 1):
        assert os.readlink(f"/proc/{ambassador.pid}/fd/{stream}") == "/dev/null"


def test_stderr_is_on_a_full_disk(start_with_stderr):
    with open("/dev/full", "wb") as full:
        exercise(*start_with_stderr(full))


def test_a_reader_that_comes_back_finds_nothing_but_whole_lines(start_with_stderr):
    reading, writing = os.pipe()
    ambassador, good, bad = start_with_stderr(writing)
    os.close(writing)
    exercise(ambassador, good, bad)
    records = Records(open(reading, "rb"))
    records.wait("session_failed")
    ambassador.stop()
    records.join()
    records.check()
    assert records.of("stopped")

# SPDX-License-Identifier: Apache-2.0
"""What whoever starts the program may have left to it: blocked signals, limits, closed streams, calls that are refused."""

import os
import signal
import sys
from pathlib import Path

import pytest

from support import processes
from support.ambassador import run_to_end
from support.api import Api
from support.network import needs_namespaces
from support.peer import Peer, echo
from support.poll import eventually
from support.ports import free_port

WITHOUT_CALLS = str(Path(__file__).parents[1] / "support/without_calls.py")
TOO_LONG_LOG = 4096


def without(*calls):
    return [sys.executable, WITHOUT_CALLS, ",".join(calls)]


def refusal(prefix):
    """The one line of a start that fails, and nothing about a bug."""
    outcome = run_to_end(env={f"SVC_PORT_{free_port()}_TCP": "tcp://127.0.0.1:9"}, prefix=prefix)
    assert outcome.code == 64, outcome
    assert "internal error" not in outcome.err and len(outcome.err.splitlines()) == 1, outcome
    [line] = outcome.records.of("cannot_start")
    return line["error"]


@pytest.mark.parametrize("name", ["TERM", "INT"])
def test_a_signal_that_was_blocked_stops_it_all_the_same(relay_to, service, name):
    near = relay_to(service.url, prefix=["env", f"--block-signal={name}"])
    near.signal(getattr(signal, f"SIG{name}"))
    assert near.wait_exit() == 0


def test_a_log_that_may_not_grow_costs_lines_and_not_the_program(relay_to, service, tmp_path):
    service.serve(echo)
    with open(tmp_path / "log", "wb") as log:
        near = relay_to(service.url, wait=False, stderr=log, env={"AMBASSADOR_RECORDS": "all"},
                        prefix=["prlimit", f"--fsize={TOO_LONG_LOG}"])
        def one_session():
            try:
                with Peer.connect(near.port) as consumer:
                    consumer.send(b"x")
                    consumer.expect(b"x")
                    return True
            except OSError:
                return False
        eventually(one_session, "it listens")
        for _ in range(100):
            assert one_session()
        assert os.path.getsize(tmp_path / "log") <= TOO_LONG_LOG
        near.signal(signal.SIGTERM)
        assert near.wait_exit() == 0


def test_an_engine_that_refuses_clone3_with_eperm_is_no_obstacle(relay_to, service):
    near = relay_to(service.serve(echo).url, prefix=without("clone3=EPERM"))
    with Peer.connect(near.port) as consumer:
        consumer.send(b"hello")
        consumer.expect(b"hello")


@pytest.mark.shipped
def test_no_thread_is_one_line_that_says_so(start_ambassador):
    error = refusal(without("clone3=EAGAIN", "clone=EAGAIN"))
    assert error == "cannot start a thread: Resource temporarily unavailable"


@pytest.mark.shipped
@pytest.mark.parametrize("descriptors", [3, 4, 8])
def test_too_few_descriptors_are_one_line_that_says_so(descriptors):
    error = refusal(["prlimit", f"--nofile={descriptors}"])
    assert "ulimit -n" in error


@needs_namespaces()
def test_closed_streams_take_no_sockets_number_where_there_is_no_dev_null(relay_to, service):
    near = relay_to(service.serve(echo).url,
                    prefix=["unshare", "--mount", "sh", "-c", 'mount -t tmpfs none /dev && exec "$@" <&- >&-', "sh"])
    for stream in (0, 1):
        assert processes.descriptors(near.pid)[stream] == "/"
    with Peer.connect(near.port) as consumer:
        consumer.send(b"hello")
        consumer.expect(b"hello")


@pytest.mark.shipped
@needs_namespaces()
def test_without_proc_what_only_that_tells_is_absent(steered_to, service):
    near = steered_to(service.url, prefix=["unshare", "--mount", "sh", "-c", 'mount -t tmpfs none /proc && exec "$@"', "sh"])
    metrics = Api(near.control.path).ask("GET", "/metrics").body.decode()
    assert "process_cpu_seconds_total" in metrics
    assert "process_resident_memory_bytes" not in metrics and "process_open_fds" not in metrics

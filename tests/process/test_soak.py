# SPDX-License-Identifier: Apache-2.0
"""Minutes of sessions of every kind, drawn by seed, while the service is stopped, killed and started again: every session
is exact or ends with a reason that the service gave for it, and no memory is lost on the way. --soak-minutes makes it longer."""

import errno
import itertools
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from cases.deviation import FIN_FOR_RST, RST_FOR_FIN, TRUNCATED, Deviation
from cases.relays import WITHOUT_SPLICE
from support import processes
from support.ambassador import BINARY, is_sanitized
from support.bytes import KIB, MIB
from support.peer import Background, Peer
from support.ports import free_port
from support.soak import Session

CONSUMERS = 8
SEED = 40
KILL_PROBABILITY = 0.3
GROWTH_BYTES = 1 * MIB
REASONS = {"client_reset", "upstream_reset", "connect_refused", "connect_timeout", "no_upstream"}
ENDS = {FIN_FOR_RST, RST_FOR_FIN, TRUNCATED}
BROKEN = {errno.ECONNRESET, errno.EPIPE, errno.ENOTCONN}
PROGRAM = Path(__file__).with_name("support") / "soak.py"


class Unruly:
    """The service, which is now and then stopped for a moment, or killed and started again."""

    def __init__(self):
        self.port = free_port()
        self.deaths = 0
        self.said = []
        self._draw = random.Random(SEED)
        self._start()

    def _start(self):
        self.process = subprocess.Popen([sys.executable, PROGRAM, str(self.port)], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline() == "ready\n"
        threading.Thread(target=self._listen, args=(self.process.stdout, self.deaths), daemon=True).start()

    def _listen(self, stream, life):
        for line in stream:
            self.said.append((life, line.strip()))

    def disturb(self, over):
        """One disturbance every second or so until `over` is set."""
        while not over.wait(self._draw.uniform(0.3, 2.0)):
            if self._draw.random() < KILL_PROBABILITY:
                self.deaths += 1
                self.process.kill()
                self.process.wait()
                self._start()
                self.deaths += 1  # odd while it is away
            else:
                self.process.send_signal(signal.SIGSTOP)
                over.wait(self._draw.uniform(0.0, 0.5))
                self.process.send_signal(signal.SIGCONT)

    def end(self):
        self.process.kill()
        self.process.wait()


def play(port, service, number):
    """One session; True when it was exact. Where the service died meanwhile it may have ended early, but neither hung
    nor brought other bytes."""
    deaths = service.deaths
    session = Session.drawn(random.Random(f"{SEED}/{number}"))
    try:
        with Peer.connect(port) as peer:
            peer.send(session.header())
            session.consumer(peer, session)
        return True
    except (Deviation, OSError) as error:
        is_an_end = getattr(error, "word", "") in ENDS or getattr(error, "errno", 0) in BROKEN
        if is_an_end and (deaths % 2 or service.deaths != deaths):
            return False
        raise AssertionError(f"session {number} {session.numbers}, {session.consumer.__name__}: {error!r}") from error


def lowest_growth(samples):
    """How much the lowest resident size has grown between the middle and the last third of the run."""
    third = len(samples) // 3
    return min(samples[2 * third:]) - min(samples[third:2 * third])


@pytest.fixture
def unruly():
    service = Unruly()
    yield service
    service.end()


@pytest.mark.minutes
@pytest.mark.parametrize("prefix", [[], WITHOUT_SPLICE], ids=["splice", "copy"])
def test_every_session_of_a_long_mixed_run_is_exact_or_was_ended_by_the_service(relay_to, unruly, prefix, request):
    near = relay_to(f"tcp://127.0.0.1:{unruly.port}", prefix=prefix)
    until = time.monotonic() + 60 * request.config.getoption("--soak-minutes")
    numbers, over, samples = itertools.count(), threading.Event(), []

    def consume():
        exact = count = 0
        while time.monotonic() < until and not over.is_set():
            exact += play(near.port, unruly, next(numbers))
            count += 1
        return exact, count

    def sample():
        while not over.wait(0.25):
            samples.append(processes.resident_bytes(near.pid))

    disturbing = [Background(unruly.disturb, over), Background(sample)]
    try:
        results = [one.result(within=until - time.monotonic() + 120) for one in
                   [Background(consume) for _ in range(CONSUMERS)]]
    finally:
        over.set()
    for one in disturbing:
        one.result()
    exact, count = (sum(column) for column in zip(*results))
    print(f"{count} sessions, {exact} exact, {unruly.deaths // 2} deaths, "
          f"memory {min(samples) // KIB} to {max(samples) // KIB} KiB, growth {lowest_growth(samples) // KIB} KiB")
    assert exact > count / 2
    assert [line for _, line in unruly.said] == []
    assert set(near.failures()) <= REASONS
    assert is_sanitized(BINARY) or lowest_growth(samples) <= GROWTH_BYTES

# SPDX-License-Identifier: Apache-2.0
"""Where a case is played: one relay, its service, and the hosts it needs. Afterwards everything must be as before."""

import contextlib
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from cases.deviation import DIES, HANGS, KEEPS, SPINS, UNBOUNDED, Deviation
from support.ambassador import BINARY, is_sanitized
from support.bad_wire import BadWire
from support.bytes import KIB, MIB
from support.memory_group import MemoryGroup
from support.network import Network
from support.peer import Service
from support.poll import eventually

QUIET_CPU_SHARE = 0.02
SETTLE_WITHIN_S = 10
KEPT_BYTES = 2 * MIB


@dataclass(frozen=True)
class _Usage:
    sockets: int
    descriptors: int
    threads: int
    resident_bytes: int


class Lab:
    """`start_relay(upstream, **options)` is one of cases.relays; `full` plays a case at its whole length."""

    def __init__(self, start_relay, full=False):
        self.full = full
        self.relay = None
        self.directory = Path(tempfile.mkdtemp(prefix="amb-case-"))
        self.directory.chmod(0o755)
        self._start_relay = start_relay
        self._network = self._group = None
        self._services, self._wires = [], []
        self._due, self._possible = [], set()
        self._before = None
        self._has_ended = False

    def scaled(self, brief, full):
        """What the case takes where it is played in brief, or at its full length."""
        return full if self.full else brief

    def host(self, name):
        self._network = self._network or Network()
        return self._network.host(name)

    def lan(self, *hosts):
        self._network.lan(*hosts)

    def bad_wire(self, first, second, seed, **faults):
        self._wires.append(BadWire(first, second, len(self._wires), seed, **faults))
        return self._wires[-1]

    def memory_group(self, limit_bytes):
        self._group = MemoryGroup(limit_bytes)
        return self._group

    def service(self, on=None, port=0):
        """A listening socket of a service that the case plays."""
        made = on.call(Service, on.address, port) if on else Service(port=port)
        self._services.append(made)
        return made

    def relay_to(self, service, **options):
        return self._started(service.url, options)

    def relay_to_path(self, path, **options):
        return self._started(f"unix://{path}", options)

    def _started(self, url, options):
        self.relay = self._start_relay(url, **options)
        self._before = _Usage(self.relay.sockets(), self.relay.descriptors(), self.relay.threads(),
                              self.relay.resident_bytes())
        return self.relay

    @contextlib.contextmanager
    def session(self, **options):
        """(consumer, upstream): the two ends of one session through a new relay."""
        service = self.service()
        with self.relay_to(service).connect(**options) as consumer, self.accept(service) as upstream:
            yield consumer, upstream

    def accept(self, service):
        try:
            return service.accept()
        except TimeoutError:
            raise Deviation(HANGS, "the service is never reached") from None

    def delivered(self, peer):
        """Waits until the relay's kernel has everything."""
        try:
            peer.wait_until_acknowledged()
        except AssertionError as error:
            raise Deviation(HANGS, str(error)) from None

    def has_ended(self):
        """The case has killed the relay: waits until nothing of it is left."""
        self._has_ended = True
        self._until(lambda: not self.relay.alive() and not self.relay.pids(), HANGS,
                    lambda: f"{len(self.relay.pids())} processes live on")

    def cpu_seconds(self):
        return self.relay.cpu_seconds()

    def cpu_share(self, seconds):
        """Processor time that the relay uses per second, over that many seconds."""
        before, began = self.relay.cpu_seconds(), time.monotonic()
        time.sleep(seconds)
        return (self.relay.cpu_seconds() - before) / (time.monotonic() - began)

    def resident_bytes(self):
        return self.relay.resident_bytes()

    def failed(self, *reasons):
        """A relay that logs close reasons has logged these, too, by the end of the case, and no others."""
        self._due += reasons

    def may_fail(self, *reasons):
        """Sessions may or may not have ended with these reasons."""
        self._possible.update(reasons)

    def is_quiet(self, when):
        """The relay rests: it may take a moment until it does, but then it must."""
        self._until(lambda: self.cpu_share(0.5) < QUIET_CPU_SHARE, SPINS,
                    lambda: f"{self.cpu_share(0.5):.0%} of a processor {when}")

    def settle(self):
        """Every session is gone with its sockets, and the relay rests. The ambassador, moreover, has kept nothing at
        all, and has told of each failure once, with its reason."""
        if self._has_ended:
            return
        if not self.relay.alive():
            raise Deviation(DIES, self.relay.log()[-200:])
        before = self._before
        self._until(lambda: self.relay.sockets() <= before.sockets, KEEPS,
                    lambda: f"{self.relay.sockets() - before.sockets} sockets")
        self.is_quiet("with no session left")
        if self.relay.failures() is None:
            return
        self._until(lambda: self.relay.descriptors() <= before.descriptors, KEEPS,
                    lambda: f"{self.relay.descriptors() - before.descriptors} descriptors")
        self._until(lambda: self.relay.threads() <= before.threads, KEEPS,
                    lambda: f"{self.relay.threads() - before.threads} threads")
        if not is_sanitized(BINARY):
            self._until(lambda: self.relay.resident_bytes() <= before.resident_bytes + KEPT_BYTES, UNBOUNDED,
                        lambda: f"{(self.relay.resident_bytes() - before.resident_bytes) // KIB} KiB kept")
        self._check_failures()

    def _until(self, condition, word, seen):
        try:
            eventually(condition, seen, SETTLE_WITHIN_S, every=0.05)
        except AssertionError:
            raise Deviation(word, f"{seen()}, and this for {SETTLE_WITHIN_S} s") from None

    def _check_failures(self):
        def told():
            return sorted(reason for reason in self.relay.failures() if reason not in self._possible)
        eventually(lambda: len(told()) >= len(self._due), lambda: f"close reasons {self._due}, only {told()}")
        assert told() == sorted(self._due), f"close reasons {told()}, not {sorted(self._due)}"

    def close(self, well=False):
        """`well` also judges how the relay ends."""
        try:
            if well and not self._has_ended:
                self.relay.stop()
        finally:
            if self.relay:
                self.relay.kill()
            if self._group:
                self._group.remove()
            for service in self._services:
                service.close()
            for wire in self._wires:
                wire.cut()
            if self._network:
                self._network.close()
            shutil.rmtree(self.directory, ignore_errors=True)

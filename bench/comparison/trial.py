# SPDX-License-Identifier: Apache-2.0
"""One measurement: a fresh network, a fresh server, a fresh relay. Nothing of the one before is left in it."""

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from . import accounts, processes
from .namespaces import FIRST_RELAY_PORT, SERVER_PORT
from .peers import Route

READY_LIMIT_S = 20


class Failed(Exception):
    """This measurement gave nothing; the reason is for the report."""


@dataclass(frozen=True)
class Metered:
    """What the work gave, what the machine did meanwhile, and the relay's CPU time in it."""
    result: object
    machine: object
    relay_s: float


class Trial:
    def __init__(self, topology, peer, machine, options):
        self.peer, self.machine, self.options = peer, machine, options
        self.relay, self.readings = None, []
        with contextlib.ExitStack() as stack:
            self.folder = Path(tempfile.mkdtemp(prefix="ambassador-bench-"))
            os.chmod(self.folder, 0o755)  # nginx's worker is nobody
            stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
            self.site = topology()
            stack.callback(self.site.close)
            self.account = accounts.open_account("relay")
            stack.callback(self.account.close)
            stack.callback(lambda: processes.end_others(machine.pids()))
            self.started = []
            stack.callback(lambda: [processes.end_tree(process) for process in reversed(self.started)])
            self.stack = stack.pop_all()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stack.close()

    def start(self, words, namespace, ports=(), **options):
        """A process that ends with the trial, once it listens on all of `ports`."""
        log = open(self.folder / f"{Path(words[0]).name}.log", "ab")  # noqa: SIM115
        with log:
            process = processes.start(words, namespace=namespace, **{"stdout": log, "stderr": log, **options})
        self.started.append(process)
        self.wait_until_listening(process, words[0], namespace, set(ports), log.name)
        return process

    def wait_until_listening(self, process, name, namespace, ports, log):
        deadline = time.monotonic() + READY_LIMIT_S
        while not ports <= namespace.listening_ports():
            if process.poll() is not None or time.monotonic() > deadline:
                said = Path(log).read_text(encoding="utf-8", errors="replace").strip()[-500:]
                raise Failed(f"{name} does not listen: {said or 'it says nothing'}")
            time.sleep(0.002)

    def start_server(self, words, port=SERVER_PORT):
        return self.start(words, self.site.server, [port])

    def start_relay(self, links=1):
        """Starts the peer; where a client connects: (host, first port, last port)."""
        if self.peer.start is None:
            return self.site.server_address, SERVER_PORT, SERVER_PORT
        route = self.route(links)
        start = self.peer.start(route)
        if start.prepare is not None:
            try:
                with self.site.relay.inside():
                    start.prepare()
            except subprocess.CalledProcessError as error:
                raise Failed(f"{error.cmd[0]}: {error.stderr.strip()}") from None
        if start.words:
            self.relay = self.start(start.words, self.site.relay, route.ports, account=self.account,
                                    environment=start.environment, before_exec=start.before_exec)
        return self.site.relay_address, route.ports[0], route.ports[-1]

    def route(self, links=1):
        ports = list(range(FIRST_RELAY_PORT, FIRST_RELAY_PORT + links))
        return Route(ports, self.site.server_address, SERVER_PORT, self.folder)

    def client(self, words, limit_s=60):
        """Runs a client to its end; what it printed."""
        with open(self.folder / "client.out", "w+b") as output:
            process = self.start(words, self.site.client, stdout=output, stderr=subprocess.STDOUT)
            try:
                process.wait(limit_s)
            except subprocess.TimeoutExpired:
                raise Failed(f"{words[0]} was not done after {limit_s} s") from None
            output.seek(0)
            said = output.read().decode(errors="replace")
        if process.returncode != 0:
            raise Failed(f"{words[0]} ended with {process.returncode}: {said.strip()[-300:]}")
        return said

    def metered(self, work):
        roots = [self.relay.pid] if self.relay else []
        start, relay_before = self.machine.sample(), self.account.cpu_s(roots)
        result = work()
        relay_s, end = self.account.cpu_s(roots) - relay_before, self.machine.sample()
        if self.relay and self.relay.poll() is not None:
            raise Failed(f"{self.peer.title} ended with {self.relay.returncode} under load")
        reading = self.machine.between(start, end)
        self.readings.append(reading)
        return Metered(result, reading, relay_s)

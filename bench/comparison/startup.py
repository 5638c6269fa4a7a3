# SPDX-License-Identifier: Apache-2.0
"""What it costs to start and to be there: time to the first reply, memory, processes, and the size of the program.

Time runs from just before the program is spawned, while somebody connects in a tight loop."""

import os
import re
import shutil
import socket
import statistics
import subprocess
import time

from . import footprint, processes
from .cases import Case
from .requests import start_redis
from .trial import Failed

DEADLINE_S = 10
STARTS = 5


def first_connection(where, process):
    deadline = time.perf_counter() + DEADLINE_S
    while time.perf_counter() < deadline and process.poll() is None:
        connection = socket.socket()
        if connection.connect_ex(where) == 0:
            return connection
        connection.close()
    raise Failed("nothing accepts connections")


def start_once(trial):
    """The process, and its times; it is spawned without the little delay that joining an account would be."""
    route = trial.route()
    start = trial.peer.start(route)
    with trial.site.relay.inside():
        begin = time.perf_counter()
        process = subprocess.Popen(start.words, env={"PATH": os.environ["PATH"], **start.environment},
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        trial.started.append(process)
        with first_connection((trial.site.relay_address, route.ports[0]), process) as first:
            connected = time.perf_counter()
            first.settimeout(DEADLINE_S)
            first.sendall(b"PING\r\n")
            if first.recv(16) != b"+PONG\r\n":
                raise Failed("the first reply is wrong")
            replied = time.perf_counter()
    return process, {"connect_ms": (connected - begin) * 1e3, "reply_ms": (replied - begin) * 1e3}


def starting(trial):
    start_redis(trial)
    found = []
    for _ in range(STARTS):
        process, times = start_once(trial)
        footprint.settle(process.pid)
        found.append({**times, **footprint.of_tree(process.pid)})
        processes.end_tree(process)
    return {name: statistics.median(each[name] for each in found) for name in found[0]}


def size(trial):
    """The program, and what it loads when it starts."""
    program = os.path.realpath(shutil.which(trial.peer.program))
    said = subprocess.run(["ldd", program], capture_output=True, text=True, check=False).stdout
    libraries = {os.path.realpath(path) for path in re.findall(r"(/\S+) \(0x", said)}
    own = os.path.getsize(program) / 1024
    return {"program_kib": own, "libraries_kib": own + sum(os.path.getsize(path) for path in libraries) / 1024}


def cases():
    def once(peer):
        return peer.is_process and not peer.is_variant

    yield Case("startup", "start", "start to first reply, and memory with no session", starting, True, once)
    yield Case("startup", "size", "size of the program", size, True, once, most_repetitions=1)

# SPDX-License-Identifier: Apache-2.0
"""Requests and replies, and a new connection for each: redis-benchmark against a redis-server behind the relay.

A first short run warms up and tells how many requests fill the time, so that slow and fast peers run equally long."""

import csv
import socket

from .cases import Case, per_unit
from .namespaces import SERVER_PORT
from .peers import MAX_SESSIONS
from .trial import Failed, Trial

KEY = b"key:__rand_int__"  # what redis-benchmark asks for
REDIS = ["redis-server", "--port", str(SERVER_PORT), "--bind", "0.0.0.0", "--protected-mode", "no", "--save", "",
         "--appendonly", "no", "--tcp-backlog", "4096", "--maxclients", str(2 * MAX_SESSIONS), "--loglevel", "warning"]


def start_redis(trial, value_bytes=3):
    trial.start_server(REDIS)
    command = b"*3\r\n$3\r\nSET\r\n$%d\r\n%s\r\n$%d\r\n%s\r\n" % (len(KEY), KEY, value_bytes, b"v" * value_bytes)
    with trial.site.server.inside(), socket.create_connection(("127.0.0.1", SERVER_PORT), 10) as connection:
        connection.sendall(command)
        if connection.recv(100) != b"+OK\r\n":
            raise Failed("redis-server does not take the value")


def read_csv(said):
    """The one row of redis-benchmark --csv: requests per second and latencies in ms."""
    rows = list(csv.DictReader(line for line in said.splitlines() if line.startswith('"')))
    if len(rows) != 1:
        raise Failed(f"redis-benchmark printed no result: {said.strip()[-300:]}")
    return {"rate": float(rows[0]["rps"]), "p50_ms": float(rows[0]["p50_latency_ms"]),
            "p99_ms": float(rows[0]["p99_latency_ms"])}


def run_benchmark(trial, host, port, connections, pipeline, keep, count):
    return read_csv(trial.client(["redis-benchmark", "-h", host, "-p", str(port), "-t", "get", "--csv",
                                  "-n", str(count), "-c", str(connections), "-P", str(pipeline),
                                  "-k", "1" if keep else "0"]))


def requests(connections, pipeline=1, value_bytes=3, keep=True, rate="requests_s", start_relay=Trial.start_relay):
    def measure(trial):
        start_redis(trial, value_bytes)
        host, port, _ = start_relay(trial)
        first = (300 if not keep else 1000 if connections == 1 else 10_000) * pipeline
        load = (trial, host, port, connections, pipeline, keep)
        warm = run_benchmark(*load, first)
        count = max(first, round(warm["rate"] * trial.options.seconds))
        metered = trial.metered(lambda: run_benchmark(*load, count))
        return {rate: metered.result["rate"], **per_unit(metered, count, 1e6, "relay_us", "machine_us"),
                "p50_ms": metered.result["p50_ms"], "p99_ms": metered.result["p99_ms"]}
    return measure


def cases():
    yield Case("requests", "1", "1 connection", requests(1), in_quick=True, in_both=True)
    yield Case("requests", "50", "50 connections", requests(50), in_quick=True, in_both=True)
    yield Case("requests", "500", "500 connections", requests(500))
    yield Case("requests", "50-4k", "50 connections, values of 4 KiB", requests(50, value_bytes=4096),
               in_quick=True, in_both=True)
    yield Case("requests", "50-p16", "50 connections, pipeline of 16", requests(50, pipeline=16),
               in_quick=True, in_both=True)
    yield Case("churn", "50", "a connection per request, 50 at once", requests(50, keep=False, rate="connections_s"),
               in_quick=True, in_both=True)

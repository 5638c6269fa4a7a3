# SPDX-License-Identifier: Apache-2.0
"""Servers that tell their clients where to go next: with what they announce, a client that only reaches the ambassador
is served. The servers are on one address of this machine, the ambassador's links are on another one, with the same
ports; docs/configuration.md shows the same settings."""

import shutil
import subprocess

import pytest

from support.poll import eventually
from support.ports import free_port
from support.servers import Redis

HERE = "127.0.4.1"  # where clients come; no server is there


def cli(port, *words, host=HERE, follow=False):
    """What redis-cli prints, without its quotes."""
    command = ["redis-cli", *(["-c"] if follow else []), "-h", host, "-p", str(port), *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False).stdout.strip()


class Node(Redis):
    """Of a cluster. Its bus has a port of its own rather than the one 10,000 above."""

    def __init__(self, *announced):
        super().__init__()
        self.bus = free_port()
        self.announced = announced

    def command(self):
        told = [word.format(port=self.port, bus=self.bus) for word in self.announced]
        return [*super().command(), "--cluster-enabled", "yes", "--cluster-port", str(self.bus), *told]


ADDRESSES = ("--cluster-announce-ip", HERE, "--cluster-announce-port", "{port}", "--cluster-announce-bus-port", "{bus}")
# An address written as a name: what a name server would make of a name is not in question here.
NAMES = ("--cluster-announce-hostname", HERE, "--cluster-preferred-endpoint-type", "hostname")


def links(ports):
    return {f"N{port}_PORT_{port}_TCP": f"tcp://127.0.0.1:{port}?listen={HERE}" for port in ports}


@pytest.mark.skipif(not shutil.which("redis-cli"), reason="redis-cli is not installed")
@pytest.mark.parametrize("announced", [ADDRESSES, NAMES], ids=["addresses", "names"])
def test_a_client_of_a_redis_cluster_follows_moved_through_a_link_for_each_port(start_ambassador, server, announced):
    nodes = [server(Node(*announced)) for _ in range(3)]
    client_ports = [node.port for node in nodes]
    bus_ports = [node.bus for node in nodes] if announced is ADDRESSES else []
    start_ambassador(env=links(client_ports + bus_ports), settles=False)  # the nodes keep talking over the bus
    made = cli(nodes[0].port, "--cluster", "create", *[f"127.0.0.1:{port}" for port in client_ports], "--cluster-yes",
               host="127.0.0.1")
    assert "All 16384 slots covered" in made
    eventually(lambda: all("cluster_state:ok" in cli(port, "cluster", "info") for port in client_ports),
               "a cluster that all its nodes agree on", within=60)
    moved = cli(client_ports[0], "get", "a")  # slot 15495 is the third node's
    assert moved == f"MOVED 15495 {HERE}:{client_ports[2]}"
    for key in ("a", "b", "c"):  # of the third, the first and the second node
        assert cli(client_ports[0], "set", key, f"value of {key}", follow=True) == "OK"
        for port in client_ports:
            assert cli(port, "get", key, follow=True) == f"value of {key}"


class Announcing(Redis):
    """Tells sentinels, and the redis that it copies, that it is to be reached here."""

    def __init__(self, of=None):
        super().__init__()
        self.of = of

    def command(self):
        copies = ["--replicaof", HERE, str(self.of.port)] if self.of else []
        return [*super().command(), "--replica-announce-ip", HERE, "--replica-announce-port", str(self.port), *copies]


class Sentinel(Redis):
    def __init__(self, primary):
        super().__init__()
        self.primary = primary

    def command(self):
        file = self.directory / "sentinel.conf"
        file.write_text(f"""
            port {self.port}
            bind 127.0.0.1
            sentinel announce-ip {HERE}
            sentinel announce-port {self.port}
            sentinel monitor main {HERE} {self.primary.port} 1
            sentinel down-after-milliseconds main 1000
            sentinel failover-timeout main 5000
        """)
        return ["redis-server", str(file), "--sentinel"]


@pytest.mark.skipif(not shutil.which("redis-cli"), reason="redis-cli is not installed")
def test_a_client_of_a_sentinel_finds_the_primary_through_a_link_for_each_redis(start_ambassador, server):
    primary = server(Announcing())
    replica, watcher = Announcing(of=primary), Sentinel(primary)
    start_ambassador(env=links([primary.port, replica.port, watcher.port]), settles=False)
    server(replica)
    server(watcher)

    def told():
        return cli(watcher.port, "sentinel", "get-master-addr-by-name", "main").split()

    assert told() == [HERE, str(primary.port)]
    eventually(lambda: f"{HERE}\nport\n{replica.port}" in
               cli(watcher.port, "sentinel", "replicas", "main"), "the replica known to the sentinel", within=60)
    assert cli(primary.port, "set", "a", "1") == "OK"
    eventually(lambda: cli(replica.port, "get", "a") == "1", "the replica a copy", within=60)
    primary.end()
    eventually(lambda: told() == [HERE, str(replica.port)], "a failover", within=60)
    eventually(lambda: cli(replica.port, "set", "a", "2") == "OK", "a primary that is written to", within=60)

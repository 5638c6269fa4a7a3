# SPDX-License-Identifier: Apache-2.0
"""Network namespaces without names: each is gone once we and the processes in it are, however that happens."""

import contextlib
import ctypes
import os
import subprocess
from pathlib import Path

LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET = 0x40000000
FIRST_RELAY_PORT, SERVER_PORT = 20000, 6379

# Many short connections must never wait for a port, and loopback must not be paced by a congestion control made for
# long lines. The ports on which anything listens are kept out of what connections take for themselves.
SETTINGS = {
    "net/ipv4/tcp_congestion_control": "reno",
    "net/ipv4/tcp_tw_reuse": "1",
    "net/ipv4/ip_local_port_range": "1024 65535",
    "net/ipv4/ip_local_reserved_ports": f"{SERVER_PORT},{FIRST_RELAY_PORT}-{FIRST_RELAY_PORT + 1999}",
    "net/ipv4/tcp_max_syn_backlog": "4096",
    "net/core/somaxconn": "4096",
    "net/ipv4/ip_forward": "1",
}


def enter(namespace_fd):
    if LIBC.setns(namespace_fd, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


class Namespace:
    """One network namespace with its loopback up."""

    def __init__(self):
        self.home = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        if LIBC.unshare(CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "unshare: a network namespace needs root")
        try:
            self.fd = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
            for name, value in SETTINGS.items():
                Path("/proc/sys", name).write_text(value)
            ip("link set lo up")
        finally:
            enter(self.home)

    @contextlib.contextmanager
    def inside(self):
        """What is opened and started in here belongs to the namespace. For the main thread alone."""
        enter(self.fd)
        try:
            yield self
        finally:
            enter(self.home)

    def path(self):
        return f"/proc/{os.getpid()}/fd/{self.fd}"

    def listening_ports(self):
        with self.inside():
            tables = [Path(f"/proc/self/net/{table}").read_text().splitlines()[1:] for table in ("tcp", "tcp6")]
        rows = [row.split() for table in tables for row in table]
        return {int(row[1].rpartition(":")[2], 16) for row in rows if row[3] == "0A"}

    def close(self):
        os.close(self.fd)
        os.close(self.home)


def ip(*commands):
    """Commands for ip(8), in the namespace that we are in."""
    subprocess.run(["ip", "-batch", "-"], input="\n".join(commands), text=True, check=True, capture_output=True)


class Loopback:
    """Client, relay and server in one namespace."""

    name = "loopback"
    title = "loopback"
    relay_address = server_address = "127.0.0.1"

    def __init__(self):
        self.client = self.relay = self.server = Namespace()

    def close(self):
        self.client.close()


class ThreeNamespaces:
    """client -- relay -- server, two wires of veth. The one in the middle routes, for those who do without a relay."""

    name = "namespaces"
    title = "three namespaces over veth"
    relay_address, server_address = "10.1.0.1", "10.2.0.2"

    def __init__(self):
        self.client, self.relay, self.server = Namespace(), Namespace(), Namespace()
        with self.relay.inside():
            ip(f"link add client0 type veth peer name relay0 netns {self.client.path()}",
               f"link add server0 type veth peer name relay0 netns {self.server.path()}",
               "address add 10.1.0.1/24 dev client0", "address add 10.2.0.1/24 dev server0",
               "link set client0 up", "link set server0 up")
        for end, address, gateway in ((self.client, "10.1.0.2", "10.1.0.1"), (self.server, "10.2.0.2", "10.2.0.1")):
            with end.inside():
                ip(f"address add {address}/24 dev relay0", "link set relay0 up", f"route add default via {gateway}")

    def close(self):
        for namespace in (self.client, self.relay, self.server):
            namespace.close()


TOPOLOGIES = {topology.name: topology for topology in (Loopback, ThreeNamespaces)}

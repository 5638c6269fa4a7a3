# SPDX-License-Identifier: Apache-2.0
"""Hosts and the wires between them, made of network namespaces, veth pairs and bridges."""

import ctypes
import functools
import os
import secrets
import subprocess

import pytest

from support.peer import Background

CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)


def _ip(*words):
    done = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"ip {' '.join(words)}: {done.stderr.strip()}"


def _remove_orphans():
    """Namespaces of a test run that was killed before it could tidy up: theirs is the number of a dead process."""
    for namespace in os.listdir("/run/netns") if os.path.isdir("/run/netns") else []:
        prefix, pid, *_ = [*namespace.split("-"), ""]
        if prefix == "amb" and pid.isdigit() and not os.path.exists(f"/proc/{pid}"):
            subprocess.run(["ip", "netns", "delete", namespace], capture_output=True, check=False)


class Host:
    """A network namespace with a name. `prefix` starts a program on it; call() opens sockets on it."""

    def __init__(self, name):
        self.name = name
        self.namespace = f"amb-{os.getpid()}-{secrets.token_hex(3)}-{name}"
        self.addresses = []

    def create(self):
        _ip("netns", "add", self.namespace)
        self.run("ip", "link", "set", "lo", "up")

    @property
    def address(self):
        return self.addresses[0]

    @property
    def prefix(self):
        return ["ip", "netns", "exec", self.namespace]

    def run(self, *command):
        done = subprocess.run([*self.prefix, *command], capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"on {self.name}: {' '.join(command)}: {done.stderr.strip()}"
        return done.stdout

    def call(self, function, *arguments, within=60.0):
        """function(*arguments) in a thread inside the namespace: its new sockets belong to this host for good."""
        return self.start_call(function, *arguments).result(within)

    def start_call(self, function, *arguments):
        def inside():
            with open(f"/run/netns/{self.namespace}") as namespace:
                if _libc.setns(namespace.fileno(), CLONE_NEWNET) != 0:
                    raise OSError(ctypes.get_errno(), "setns")
            return function(*arguments)
        return Background(inside)

    def firewall(self, *rule):
        """An iptables rule, for instance ("-A", "INPUT", "-p", "tcp", "-j", "DROP")."""
        self.run("iptables", "-w", *rule)


class Network:
    """Everything the test made, so that all of it goes with it."""

    def __init__(self):
        _remove_orphans()
        self.hosts = []
        self._switch = None
        self._lans = 0

    def host(self, name):
        made = Host(name)
        self.hosts.append(made)  # first, so that it goes even if we are ended half-way
        made.create()
        return made

    def lan(self, *hosts):
        """A bridge with these hosts on it: 10.77.<lan>.1, .2 and so on, added to each host's addresses."""
        self._switch = self._switch or self.host("switch")
        number = self._lans
        self._lans += 1
        bridge = f"br{number}"
        self._switch.run("ip", "link", "add", bridge, "type", "bridge")
        self._switch.run("ip", "link", "set", bridge, "up")
        for index, host in enumerate(hosts, 1):
            inside, outside = f"lan{number}", f"port{number}-{index}"
            self._switch.run("ip", "link", "add", outside, "type", "veth",
                             "peer", "name", inside, "netns", host.namespace)
            self._switch.run("ip", "link", "set", outside, "master", bridge, "up")
            address = f"10.77.{number}.{index}"
            host.run("ip", "address", "add", f"{address}/24", "dev", inside)
            host.run("ip", "link", "set", inside, "up")
            host.addresses.append(address)

    def close(self):
        for host in self.hosts:
            subprocess.run(["ip", "netns", "delete", host.namespace], capture_output=True, check=False)


def private_etc(**files):
    """A command prefix that runs a program with its own /etc files: private_etc(hosts=path, resolv_conf=path).
    A bind mount shows the same inode, so writing to the path in place is what the program sees later."""
    mounts = " && ".join(f"mount --bind '{path}' /etc/{name.replace('_', '.')}" for name, path in files.items())
    return ["unshare", "--mount", "sh", "-c", f'{mounts} && exec "$@"', "sh"]


def private_etc_folder(folder):
    """A command prefix that runs a program with this folder as its /etc: files in it can be replaced by rename."""
    return ["unshare", "--mount", "sh", "-c", f'mount --bind \'{folder}\' /etc && exec "$@"', "sh"]


@functools.cache
def why_no_namespaces():
    """Empty where namespaces can be made; they need root, and a container may forbid them even to root."""
    if os.geteuid() != 0:
        return "namespaces need root"
    probe = subprocess.run(["unshare", "--net", "--mount", "--pid", "--fork", "true"], capture_output=True, text=True,
                           check=False)
    return probe.stderr.strip() and f"namespaces cannot be made here: {probe.stderr.strip()}"


def skip_without_namespaces():
    if why := why_no_namespaces():
        pytest.skip(why)


def needs_namespaces():
    return pytest.mark.skipif(bool(why_no_namespaces()), reason=why_no_namespaces() or "namespaces are there")

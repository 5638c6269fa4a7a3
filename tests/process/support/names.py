# SPDX-License-Identifier: Apache-2.0
"""A host whose names come from a server on it, and services on its loopback addresses."""

from support.network import private_etc
from support.peer import Peer

PORT, UPSTREAM_PORT = 6379, 7000
FIRST, SECOND, THIRD = "127.0.0.2", "127.0.0.3", "127.0.0.4"


class Names:
    """The hosts file and resolv.conf of one program, to be written in place."""

    def __init__(self, folder, servers=("127.0.0.1",)):
        self.hosts_file, self.resolv_conf = folder / "hosts", folder / "resolv.conf"
        self.hosts("")
        self.ask(*servers)

    def hosts(self, lines):
        self.hosts_file.write_text(f"127.0.0.1 localhost\n{lines}")

    def ask(self, *servers):
        self.resolv_conf.write_text("".join(f"nameserver {server}\n" for server in servers))

    @property
    def prefix(self):
        return private_etc(hosts=self.hosts_file, resolv_conf=self.resolv_conf)


def link_to(target):
    return {f"SVC_PORT_{PORT}_TCP": target}


def reaches(host, upstream, port=PORT):
    """Whether a new session ends up at this service."""
    with host.call(Peer.connect, port) as consumer:
        consumer.send(b"x")
        try:
            with upstream.accept(within=5) as peer:
                peer.expect(b"x")
                return True
        except TimeoutError:
            return False

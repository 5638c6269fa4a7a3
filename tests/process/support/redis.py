# SPDX-License-Identifier: Apache-2.0
"""Redis servers that copy one another, and which of them one is talking to."""

from support.peer import Peer
from support.servers import Redis


class Replica(Redis):
    """Copies `of` from its start, until it is told otherwise."""

    def __init__(self, of):
        super().__init__()
        self.of = of

    def command(self):
        return [*super().command(), "--replicaof", self.of.host, str(self.of.port)]


def order(redis, *words):
    """Sends a command that is answered by OK."""
    with Peer.connect(redis.port) as peer:
        peer.send(" ".join(words).encode() + b"\r\n")
        peer.expect(b"+OK\r\n")


def promote(redis):
    order(redis, "REPLICAOF", "NO", "ONE")


def demote(redis, below):
    order(redis, "REPLICAOF", below.host, str(below.port))


def ping(peer):
    peer.send(b"PING\r\n")
    peer.expect(b"+PONG\r\n")


def port_behind(port):
    """The port of the redis that a new session through `port` meets, or None where it fails."""
    try:
        with Peer.connect(port) as peer:
            peer.send(b"CONFIG GET port\r\n")
            peer.expect(b"*2\r\n$4\r\nport\r\n$5\r\n")
            port_and_end = peer.receive(7)
            return int(port_and_end)
    except (ConnectionRefusedError, ConnectionResetError, BrokenPipeError):
        return None

# SPDX-License-Identifier: Apache-2.0
"""A real memcached behind two ambassadors."""

from support.bytes import KIB, noise
from support.peer import Peer
from support.servers import Memcached


def test_what_is_set_on_one_connection_is_read_back_on_another(chain_to, server):
    near = chain_to(server(Memcached()).url)
    value = noise(900 * KIB, seed=5)
    with Peer.connect(near.port) as writer, Peer.connect(near.port) as reader:
        writer.send(b"set k 0 0 %d\r\n%s\r\n" % (len(value), value))
        writer.expect(b"STORED\r\n")
        reader.send(b"get k\r\n")
        reader.expect(b"VALUE k 0 %d\r\n%s\r\nEND\r\n" % (len(value), value))

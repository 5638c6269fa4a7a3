# SPDX-License-Identifier: Apache-2.0
"""acceptor.py FIRST COUNT: listens on so many ports of loopback and closes whatever connects, until it is ended."""

import selectors
import socket
import sys


def main():
    first, count = int(sys.argv[1]), int(sys.argv[2])
    ready = selectors.DefaultSelector()
    for port in range(first, first + count):
        ready.register(socket.create_server(("127.0.0.1", port), backlog=128), selectors.EVENT_READ)
    while True:
        for key, _ in ready.select():
            key.fileobj.accept()[0].close()


main()

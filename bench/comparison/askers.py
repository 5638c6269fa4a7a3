# SPDX-License-Identifier: Apache-2.0
"""askers.py PORT COUNT: so many clients who ask of the admin API a byte a second and never finish, and come again as
soon as they are put out, until it is ended."""

import socket
import sys
import time

BEGINNING = b"GET /v1/status HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "


def connect(port):
    try:
        client = socket.create_connection(("127.0.0.1", port), timeout=1)
        client.sendall(BEGINNING)
        return client
    except OSError:
        return None


def ask_on(client, port):
    """The same client, or another one in the place of one who was put out."""
    try:
        client.sendall(b"x")
        return client
    except (AttributeError, OSError):
        if client is not None:
            client.close()
        return connect(port)


def main():
    port, count = int(sys.argv[1]), int(sys.argv[2])
    clients = [connect(port) for _ in range(count)]
    while True:
        began = time.monotonic()
        for place, client in enumerate(clients):
            clients[place] = ask_on(client, port)
            time.sleep(max(0.0, began + (place + 1) / count - time.monotonic()))  # not all in one moment


main()

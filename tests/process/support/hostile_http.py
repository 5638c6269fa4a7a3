# SPDX-License-Identifier: Apache-2.0
"""Many connections to the control API that send what they like and read nothing unless they are told to."""

import selectors
import socket
import time

from support.poll import eventually

TOKEN = "s3cret-0123456789-abcdef"
PATIENCE_S = 30.0
SMALL_BUFFER = 4096  # an answer that is not read soon stands in the other side's way


def head(line, port, *fields, token=False):
    lines = [line + " HTTP/1.1", f"Host: 127.0.0.1:{port}", *fields]
    if token:
        lines.append(f"Authorization: Bearer {TOKEN}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _has_heard(sock):
    try:
        sock.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return False
    except OSError:
        pass
    return True


class Crowd:
    """Connections to one place that are closed together."""

    def __init__(self, place, count):
        self.sockets = []
        for _ in range(count):
            sock = socket.socket(socket.AF_INET if isinstance(place, tuple) else socket.AF_UNIX)
            sock.settimeout(PATIENCE_S)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BUFFER)
            sock.connect(place)
            sock.setblocking(False)
            self.sockets.append(sock)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for sock in self.sockets:
            sock.close()

    def send(self, data):
        """All of `data` on each, as far as the other side takes it."""
        return self.flood(data, len(data))

    def wait_answered(self):
        """Until each has an answer that it does not read, or has been closed."""
        eventually(lambda: all(map(_has_heard, self.sockets)), "an answer for everybody")

    def flood(self, piece, most_bytes, first=b""):
        """`first`, then `piece` again and again on each of them, until so many bytes have gone, the other side has
        closed, or it has taken nothing for a second. How many have gone on all of them together."""
        left = {sock: first for sock in self.sockets}
        sent = dict.fromkeys(self.sockets, 0)
        with selectors.DefaultSelector() as selector:
            for sock in self.sockets:
                selector.register(sock, selectors.EVENT_WRITE)
            last = time.monotonic()
            while selector.get_map() and time.monotonic() - last < 1:
                for key, _ in selector.select(0.2):
                    sock = key.fileobj
                    try:
                        if not left[sock]:
                            left[sock] = piece
                        count = sock.send(left[sock])
                    except BlockingIOError:
                        continue
                    except OSError:
                        selector.unregister(sock)
                        continue
                    left[sock] = left[sock][count:]
                    sent[sock] += count
                    last = time.monotonic()
                    if sent[sock] >= most_bytes:
                        selector.unregister(sock)
        return sum(sent.values())

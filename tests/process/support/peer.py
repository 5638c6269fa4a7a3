# SPDX-License-Identifier: Apache-2.0
"""The two ends of a relayed connection, driven by hand: who sends what, and how exactly it ended."""

import array
import fcntl
import socket
import struct
import termios
import threading
from dataclasses import dataclass

from support.poll import eventually

PATIENCE_S = 30.0
CHUNK_BYTES = 1 << 20


@dataclass
class Received:
    data: bytes
    ending: str  # "fin" or "reset"


class Background:
    """A call in a thread whose result, or failure, is picked up by result()."""

    def __init__(self, function, *arguments):
        self._outcome = None
        self._thread = threading.Thread(target=self._run, args=(function, arguments), daemon=True)
        self._thread.start()

    def _run(self, function, arguments):
        try:
            self._outcome = (function(*arguments), None)
        except BaseException as error:
            self._outcome = (None, error)

    def result(self, within=60.0):
        self._thread.join(within)
        assert not self._thread.is_alive(), f"still busy after {within:g} s"
        value, error = self._outcome
        if error:
            raise error
        return value


class Peer:
    """One connected socket. Every wait has a deadline, so a hang is a failure that says where."""

    def __init__(self, sock):
        self.socket = sock
        sock.settimeout(PATIENCE_S)

    @classmethod
    def connect(cls, port, host="127.0.0.1", receive_buffer=None, source_port=None):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_STREAM)
        sock.settimeout(PATIENCE_S)
        if receive_buffer:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        try:
            if source_port:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                sock.bind((host, source_port))
            sock.connect((host, port))
        except OSError:
            sock.close()
            raise
        return cls(sock)

    @classmethod
    def connect_unix(cls, path):
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        sock.connect(str(path))
        return cls(sock)

    def send(self, data):
        self.socket.sendall(data)

    def send_in_background(self, data):
        return Background(self.send, data)

    def receive_in_background(self, size):
        return Background(self.receive, size)

    def finish(self):
        """End our direction: the other side reads a FIN after all that was sent."""
        self.socket.shutdown(socket.SHUT_WR)

    def close(self):
        self.socket.close()

    def reset(self):
        """Close with a linger of zero: whatever is unsent is thrown away and the other side gets an RST."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def receive(self, size):
        """Exactly `size` bytes."""
        parts, missing = [], size
        while missing:
            part = self.socket.recv(min(missing, CHUNK_BYTES))
            assert part, f"FIN with {missing} of {size} bytes missing"
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)

    def expect(self, data):
        got = self.receive(len(data))
        assert got == data, f"expected {data[:80]!r}, got {got[:80]!r} (of {len(data)} bytes)"

    def expect_fin(self):
        got = self.socket.recv(1)
        assert got == b"", f"expected FIN, got {got!r}"

    def expect_reset(self):
        try:
            got = self.socket.recv(1)
        except ConnectionResetError:
            return
        raise AssertionError(f"expected RST, got {'FIN' if got == b'' else repr(got)}")

    def expect_nothing(self, within=0.2):
        """Neither a byte nor an end arrives for a while; a short look, for what must not happen."""
        self.socket.settimeout(within)
        try:
            got = self.socket.recv(1)
        except TimeoutError:
            return
        finally:
            self.socket.settimeout(PATIENCE_S)
        raise AssertionError(f"expected nothing, got {'FIN' if got == b'' else repr(got)}")

    def receive_to_end(self):
        parts = []
        while True:
            try:
                part = self.socket.recv(CHUNK_BYTES)
            except ConnectionResetError:
                return Received(b"".join(parts), "reset")
            if not part:
                return Received(b"".join(parts), "fin")
            parts.append(part)

    def unacknowledged(self):
        """Bytes sent that the other end's kernel has not acknowledged yet (SIOCOUTQ)."""
        size = array.array("i", [0])
        fcntl.ioctl(self.socket.fileno(), termios.TIOCOUTQ, size)
        return size[0]

    def wait_until_acknowledged(self):
        eventually(lambda: self.unacknowledged() == 0, lambda: f"{self.unacknowledged()} bytes unacknowledged")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Service:
    """A listening socket whose sessions the test plays by hand."""

    def __init__(self, host="127.0.0.1", port=0, backlog=128, path=None):
        if path is not None:
            self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self.socket.bind(str(path))
        else:
            family = socket.AF_INET6 if ":" in host else socket.AF_INET
            self.socket = socket.socket(family, socket.SOCK_STREAM)
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self.socket.bind((host, port))
            self.host, self.port = self.socket.getsockname()[:2]
        self.socket.listen(backlog)
        self.socket.settimeout(PATIENCE_S)

    @property
    def url(self):
        return f"tcp://[{self.host}]:{self.port}" if ":" in self.host else f"tcp://{self.host}:{self.port}"

    def accept(self, within=PATIENCE_S):
        self.socket.settimeout(within)
        return Peer(self.socket.accept()[0])

    def expect_nobody(self, within=0.2):
        try:
            self.accept(within)
        except TimeoutError:
            return
        raise AssertionError("somebody connected")

    def serve(self, conversation):
        """Plays `conversation(peer)` with everyone who connects, each in a thread, until closed."""
        def accept_all():
            while True:
                try:
                    peer = Peer(self.socket.accept()[0])
                except TimeoutError:
                    continue
                except OSError:
                    return
                threading.Thread(target=_play, args=(conversation, peer), daemon=True).start()
        threading.Thread(target=accept_all, daemon=True).start()
        return self

    def close(self):
        # A thread blocked in accept() keeps a closed listener alive; shutdown wakes it up.
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def accepts(port, host="127.0.0.1"):
    """Whether anybody listens there: a session that fails at once has been accepted all the same."""
    try:
        Peer.connect(port, host).close()
    except ConnectionRefusedError:
        return False
    except ConnectionResetError:
        pass
    return True


def expect_reset_session(port, host="127.0.0.1", source_port=None):
    """Connects where every session fails at once: the reset may arrive before connect() has returned."""
    try:
        peer = Peer.connect(port, host, source_port=source_port)
    except ConnectionResetError:
        return
    with peer:
        peer.expect_reset()


def _play(conversation, peer):
    try:
        with peer:
            conversation(peer)
    except OSError:
        pass  # the test at the other end sees it and judges it


def echo(peer):
    """A conversation: everything comes back, then FIN answers FIN."""
    while True:
        data = peer.socket.recv(CHUNK_BYTES)
        if not data:
            peer.finish()
            return
        peer.send(data)

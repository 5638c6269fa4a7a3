# SPDX-License-Identifier: Apache-2.0
"""A command on a terminal, as somebody at a keyboard sees it."""

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time

from support.ambassador import BINARY, environment

PATIENCE_S = 20.0


class OnTerminal:
    """A running command whose input, output and errors are one terminal of that size."""

    def __init__(self, *words, env=None, columns=80, rows=24):
        self.master, slave = pty.openpty()
        self.resize(columns, rows)
        self.process = subprocess.Popen([BINARY, *words], env={"TERM": "xterm", **environment(env)}, stdin=slave, stdout=slave,
                                        stderr=slave, preexec_fn=self._own_terminal, close_fds=True)
        os.close(slave)
        self.seen = ""

    @staticmethod
    def _own_terminal():
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    def resize(self, columns, rows):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def press(self, keys):
        os.write(self.master, keys)

    def wait_for(self, text, times=1):
        """Everything that was seen, once `text` has been so often."""
        deadline = time.monotonic() + PATIENCE_S
        while self.seen.count(text) < times:
            assert time.monotonic() < deadline, f"{text!r} does not come; seen so far:\n{self.seen!r}"
            if not self.look():
                break
        assert self.seen.count(text) >= times, f"{text!r} is missing in:\n{self.seen!r}"
        return self.seen

    def look(self):
        """Sees what is there; false once the command has left the terminal."""
        ready, _, _ = select.select([self.master], [], [], 0.1)
        try:
            piece = os.read(self.master, 65536) if ready else None
        except OSError:  # EIO: nobody has the other end any more
            return False
        self.seen += (piece or b"").decode("utf-8", "backslashreplace")
        return piece is None or piece != b""

    def end(self):
        """Its exit code, and what was left to see."""
        deadline = time.monotonic() + PATIENCE_S
        while self.look() and time.monotonic() < deadline:
            pass
        return self.process.wait(PATIENCE_S)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.master)

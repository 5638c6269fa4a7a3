# SPDX-License-Identifier: Apache-2.0
"""A person at a terminal: for `docker run -i -t`, which refuses to start without one."""

import os
import pty
import select
import shlex
import subprocess

from support.poll import eventually

CURSOR_POSITION_QUERY, CURSOR_AT_80 = "\x1b[6n", b"\x1b[1;80R"  # line editors measure the screen before the prompt

class Terminal:
    """Types lines into a docker command and reads what appears on the screen."""

    def __init__(self, engine, command):
        self._screen, inside = pty.openpty()
        self.process = subprocess.Popen(["docker", *shlex.split(command)], env={**engine.environment, "TERM": "dumb"},
                                        stdin=inside, stdout=inside, stderr=inside, start_new_session=True)
        os.close(inside)
        self._unread = ""
        self._everything = ""

    def types(self, line, at):
        """Waits for the prompt: what is typed before a line editor looks is lost in its measuring."""
        self.shows(at)
        os.write(self._screen, line.encode() + b"\r")  # what the Enter key sends

    def shows(self, text, within=30.0):
        """Waits until the text appears after whatever was waited for before."""
        eventually(lambda: text in self._look(),
                   lambda: f"{text!r} on the screen:\n{self._everything}", within)
        self._unread = self._unread.split(text, 1)[1]

    def _look(self):
        readable, _, _ = select.select([self._screen], [], [], 0.1)
        if readable:
            try:
                new = os.read(self._screen, 65536).decode("utf-8", "replace")
            except OSError:  # EIO: the command ended and with it the terminal's other side
                new = ""
            os.write(self._screen, CURSOR_AT_80 * new.count(CURSOR_POSITION_QUERY))
            self._unread += new
            self._everything += new
        return self._unread

    def wait_until_ended(self, within=20.0):
        def ended():
            self._look()
            return self.process.poll() is not None
        eventually(ended, lambda: f"the command ended; on the screen:\n{self._everything}", within)
        return self.process.returncode

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()  # no more than the command: its container goes with all others of the test
        self.process.wait()
        os.close(self._screen)

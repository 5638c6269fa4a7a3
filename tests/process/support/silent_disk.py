# SPDX-License-Identifier: Apache-2.0
"""A mounted disk that holds one file, and from some moment on answers nothing: FUSE, spoken by hand. Who waits for it can
still be killed, as on a network file system."""

import ctypes
import os
import struct
import threading

import pytest

LOOKUP, FORGET, GETATTR, OPEN, READ, RELEASE, FLUSH, INIT, INTERRUPT = 1, 2, 3, 14, 15, 18, 25, 26, 36
ENOENT, EINTR, ENOSYS = 2, 4, 38
MNT_DETACH = 2
FOLDER, FILE = 1, 2  # nodes
_libc = ctypes.CDLL(None, use_errno=True)


class SilentDisk:
    """`path` is the file's. It answers until silence()."""

    def __init__(self, folder, text):
        self.folder, self.text, self.is_silent = folder, text.encode(), False
        folder.mkdir()
        self.path = folder / "file"
        try:
            self.fd = os.open("/dev/fuse", os.O_RDWR | os.O_CLOEXEC)
        except OSError as error:
            pytest.skip(f"no FUSE here: {error}")
        options = f"fd={self.fd},rootmode=40000,user_id=0,group_id=0,allow_other".encode()
        if _libc.mount(b"silent", str(folder).encode(), b"fuse", 0, options) != 0:
            os.close(self.fd)
            pytest.skip(f"FUSE cannot be mounted here: {os.strerror(ctypes.get_errno())}")
        threading.Thread(target=self._serve, daemon=True).start()

    def silence(self):
        self.is_silent = True

    def close(self):
        _libc.umount2(str(self.folder).encode(), MNT_DETACH)
        os.close(self.fd)

    def _attributes(self, node):
        size, mode = (len(self.text), 0o100644) if node == FILE else (0, 0o40755)
        return struct.pack("6Q10I", node, size, 0, 0, 0, 0, 0, 0, 0, mode, 1, 0, 0, 0, 4096, 0)

    def _answer(self, call, node, rest):
        """The bytes of an answer, or the errno; nothing is asked to be kept by the kernel."""
        if call == INIT:
            return struct.pack("4I2H2I2HI28x", 7, 31, 65536, 0, 12, 9, 65536, 1, 0, 0, 0)
        if call == LOOKUP:
            if rest.rstrip(b"\0") != b"file":
                return ENOENT
            return struct.pack("4Q2I", FILE, 0, 0, 0, 0, 0) + self._attributes(FILE)
        if call == GETATTR:
            return struct.pack("Q2I", 0, 0, 0) + self._attributes(node)
        if call == OPEN:
            return struct.pack("Q2I", 1, 1, 0)  # each read is asked for
        if call == READ:
            _, offset, size = struct.unpack_from("2QI", rest)
            return self.text[offset:offset + size]
        return b"" if call in (FLUSH, RELEASE) else ENOSYS

    def _serve(self):
        while True:
            try:
                request = os.read(self.fd, 1 << 17)
            except OSError:
                return
            _, call, unique, node = struct.unpack_from("2I2Q", request)
            if call == INTERRUPT:
                self._write(struct.unpack_from("Q", request, 40)[0], -EINTR)
            elif not self.is_silent and call != FORGET:
                answer = self._answer(call, node, request[40:])
                self._write(unique, -answer if isinstance(answer, int) else 0, b"" if isinstance(answer, int) else answer)

    def _write(self, unique, error, body=b""):
        try:
            os.write(self.fd, struct.pack("IiQ", 16 + len(body), error, unique) + body)
        except OSError:
            pass  # whoever asked has gone

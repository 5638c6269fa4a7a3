# SPDX-License-Identifier: Apache-2.0
"""A question to a name server, and a name server that answers as no real one would."""

import socket
import struct
import threading
import time

A, NOERROR, SERVFAIL, NOTIMP, REFUSED = 1, 0, 2, 4, 5
PATIENCE_S = 5.0


def look_up(name, server):
    """The IPv4 addresses of `name`, as `server` knows them now."""
    question = b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0" + b"\0\1\0\1"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(PATIENCE_S)
        sock.sendto(struct.pack(">HHHHHH", 1, 0x0100, 1, 0, 0, 0) + question, (server, 53))
        answer = sock.recv(4096)
    count, at, addresses = int.from_bytes(answer[6:8], "big"), 12 + len(question), []
    for _ in range(count):
        kind, _, _, size = struct.unpack_from(">HHIH", answer, at + 2)  # after the pointer to the name
        if kind == A:
            addresses.append(socket.inet_ntoa(answer[at + 12:at + 16]))
        at += 12 + size
    return addresses


class ScriptedNameServer:
    """Answers every question on port 53 with `rcode`, `delay_s` later; an A with `address`, or with `rcode_of_a`."""

    def __init__(self, rcode=NOERROR, address=None, delay_s=0.0, rcode_of_a=None):
        self.rcode, self.address, self.delay_s, self.rcode_of_a = rcode, address, delay_s, rcode_of_a
        self.questions = 0
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 53))
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            question, sender = self.socket.recvfrom(4096)
            self.questions += 1
            threading.Thread(target=self._answer, args=(question, sender), daemon=True).start()

    def _answer(self, question, sender):
        time.sleep(self.delay_s)
        is_a = question[-4:-2] == b"\0\1"
        rcode = self.rcode if self.rcode_of_a is None or not is_a else self.rcode_of_a
        is_found = is_a and self.address and rcode == NOERROR
        record = b"\xc0\x0c\0\1\0\1" + struct.pack(">IH", 600, 4) + socket.inet_aton(self.address) if is_found else b""
        flags = (0x8180 | rcode).to_bytes(2, "big")
        counts = struct.pack(">HHHH", 1, bool(record), 0, 0)
        self.socket.sendto(question[:2] + flags + counts + question[12:] + record, sender)

# SPDX-License-Identifier: Apache-2.0
"""A name server that says whatever a test wants said, over UDP and TCP; most of it no real one would say."""

import collections
import socket
import struct
import threading

A, CNAME, AAAA, SRV = 1, 5, 28, 33
NOERROR, SERVFAIL, NXDOMAIN, NOTIMP, REFUSED = 0, 2, 3, 4, 5
LARGEST_DATAGRAM = 1232


def wire_name(name):
    labels = [label.encode() for label in name.split(".") if label]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


class Question:
    def __init__(self, message, over_tcp=False):
        self.message, self.over_tcp = message, over_tcp
        labels, at = [], 12
        while message[at]:
            labels.append(message[at + 1:at + 1 + message[at]].decode().lower())
            at += 1 + message[at]
        self.name = ".".join(labels)
        self.type = int.from_bytes(message[at + 1:at + 3], "big")
        self.section = message[12:at + 5]

    def reply(self, *records, rcode=NOERROR, flags=0x8180):
        """Records are (type, data), of the name that was asked for, or (type, data, ttl)."""
        body = b""
        for kind, data, *ttl in records:
            body += b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, ttl[0] if ttl else 1, len(data)) + data
        return (self.message[:2] + struct.pack(">HHHHH", flags | rcode, 1, len(records), 0, 0) + self.section + body)

    def addresses(self, *addresses, ttl=1):
        """An answer with those that are of the kind that was asked for."""
        family = socket.AF_INET if self.type == A else socket.AF_INET6
        of_kind = [address for address in addresses if (":" in address) == (self.type == AAAA)]
        return self.reply(*((self.type, socket.inet_pton(family, address), ttl) for address in of_kind))

    def servers(self, *servers, ttl=1):
        """SRV records from (priority, weight, port, host)."""
        return self.reply(*((SRV, struct.pack(">HHH", *numbers) + wire_name(host), ttl) for *numbers, host in servers))


class NameServer:
    """Listens on port 53 of `host`. `script` makes the messages that answer a question: bytes, a list of them, or
    nothing, which is silence. What does not fit into a datagram is cut, and asked for again over TCP."""

    def __init__(self, script, host="127.0.0.1"):
        self.script = script
        self.asked = collections.Counter()  # by (name, type)
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * 1024 * 1024)
        self.udp.bind((host, 53))
        self.tcp = socket.create_server((host, 53))
        for serve in (self._serve_udp, self._serve_tcp):
            threading.Thread(target=serve, daemon=True).start()

    def answers(self, question):
        self.asked[question.name, question.type] += 1
        said = self.script(question)
        return [said] if isinstance(said, bytes) else said or []

    def _serve_udp(self):
        while True:
            message, sender = self.udp.recvfrom(4096)
            question = Question(message)
            for answer in self.answers(question):
                if len(answer) > LARGEST_DATAGRAM:
                    answer = question.reply(flags=0x8380)
                self.udp.sendto(answer, sender)

    def _serve_tcp(self):
        while True:
            connection, _ = self.tcp.accept()
            threading.Thread(target=self._serve_connection, args=(connection,), daemon=True).start()

    def _serve_connection(self, connection):
        with connection, connection.makefile("rb") as stream:
            while size := stream.read(2):
                message = stream.read(int.from_bytes(size, "big"))
                for answer in self.answers(Question(message, over_tcp=True)):
                    connection.sendall(len(answer).to_bytes(2, "big") + answer)

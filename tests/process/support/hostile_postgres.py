# SPDX-License-Identifier: Apache-2.0
"""A server that speaks just enough of PostgreSQL's protocol to have those who log in hash passwords."""

import base64
import itertools
import os
import struct
import threading

from support.peer import Service

PASSWORD_DEMAND, LET_IN, SASL, SASL_CONTINUE = b"R", 0, 10, 11


def message(kind, body):
    return kind + struct.pack(">I", len(body) + 4) + body


def demand(code, data=b""):
    return message(PASSWORD_DEMAND, struct.pack(">I", code) + data)


class HashingServer(Service):
    """Demands SCRAM with so many rounds, salted anew each time, so often in one login. Counts what it is answered.
    With `relents` every other login succeeds at once, so that the endpoint is up in between."""

    def __init__(self, rounds, challenges=1, relents=False):
        super().__init__()
        self.rounds, self.challenges, self.relents = rounds, challenges, relents
        self.logins = 0
        self.asked = self.answers = 0  # logins that were challenged; challenges that were answered by a proof
        self.most_answers = 0  # in one login
        self._lock = threading.Lock()
        self.serve(self._play)

    def _play(self, peer):
        _hear(peer, with_kind=False)
        with self._lock:
            self.logins += 1
            lets_in = self.relents and self.logins % 2 == 1
        if lets_in:
            peer.send(demand(LET_IN) + message(b"Z", b"I"))
            _hear(peer)
            return
        peer.send(demand(SASL, b"SCRAM-SHA-256\0\0"))
        first = _hear(peer)
        nonce = first[first.index(b"r=") + 2:]
        with self._lock:
            self.asked += 1
        for count in itertools.count(1):
            salt = base64.b64encode(os.urandom(16))
            peer.send(demand(SASL_CONTINUE, b"r=%sX,s=%s,i=%d" % (nonce, salt, self.rounds)))
            if not _hear(peer).startswith(b"c="):
                return
            with self._lock:
                self.answers += 1
                self.most_answers = max(self.most_answers, count)
            if count == self.challenges:
                return


def _hear(peer, with_kind=True):
    """One message's body, empty where the other side has ended."""
    try:
        head = peer.receive(5 if with_kind else 4)
        return peer.receive(struct.unpack(">I", head[-4:])[0] - 4)
    except AssertionError:
        return b""

# SPDX-License-Identifier: Apache-2.0
"""The sessions of a long mixed run, as both ends play them. As a program it is the service: soak.py PORT; it says
`ready`, and a line for whatever a consumer's bytes should not have been."""

import socket
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from cases.deviation import FIN_FOR_RST, Deviation
from cases.ends import send_with_fin, take, take_fin, take_prefix, take_reset
from support.bytes import MIB, noise
from support.peer import Background, Service

LARGEST_BYTES = 2 * MIB
HEADER_BYTES = 16
DATA = noise(2 * LARGEST_BYTES, seed=40)


class Session:
    """What both ends know from the header: which story, and which bytes go which way."""

    def __init__(self, story, up_start, up_size, down_start, down_size):
        self.numbers = (story, up_start, up_size, down_start, down_size)
        self.consumer, self.service = STORIES[story]
        self.up = DATA[up_start:up_start + up_size]
        self.down = DATA[down_start:down_start + down_size]

    @classmethod
    def drawn(cls, draw):
        """Sizes of every magnitude alike."""
        def size():
            return int(2 ** draw.uniform(0, LARGEST_BYTES.bit_length() - 1))
        return cls(draw.randrange(len(STORIES)), draw.randrange(LARGEST_BYTES), size(), draw.randrange(LARGEST_BYTES),
                   size())

    def header(self):
        return b"".join(number.to_bytes(4, "big")[1:] for number in self.numbers) + b"\n"

    @classmethod
    def of_header(cls, header):
        return cls(*(int.from_bytes(header[at:at + 3], "big") for at in range(0, 15, 3)))


def ask_first(peer, session):
    send_with_fin(peer, session.up)
    take(peer, session.down)
    take_fin(peer)


def answer_last(peer, session):
    take(peer, session.up)
    take_fin(peer)
    send_with_fin(peer, session.down)


def ask_last(peer, session):
    take(peer, session.down)
    take_fin(peer)
    send_with_fin(peer, session.up)


def answer_first(peer, session):
    send_with_fin(peer, session.down)
    take(peer, session.up)
    take_fin(peer)


def both_at_once(mine, others):
    def play(peer, session):
        sending = Background(send_with_fin, peer, mine(session))
        take(peer, others(session))
        sending.result()
        take_fin(peer)
    return play


def ask_and_be_reset(peer, session):
    take(peer, session.down)
    take_reset(peer)


def answer_and_reset(peer, session):
    peer.send(session.down)
    peer.wait_until_acknowledged()
    peer.reset()


def ask_and_reset(peer, session):
    peer.send(session.up)
    peer.reset()


def answer_and_be_reset(peer, session):
    ending, count = take_prefix(peer, session.up)
    if ending == "fin":
        raise Deviation(FIN_FOR_RST, f"after {count} of {len(session.up)} bytes")


def ask_bit_by_bit(peer, session):
    peer.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for at in range(0, min(len(session.up), 64)):
        peer.send(session.up[at:at + 1])
        take(peer, session.up[at:at + 1])
    peer.finish()
    take_fin(peer)


def answer_bit_by_bit(peer, session):
    for at in range(0, min(len(session.up), 64)):
        take(peer, session.up[at:at + 1])
        peer.send(session.up[at:at + 1])
    take_fin(peer)


STORIES = [
    (ask_first, answer_last),
    (ask_last, answer_first),
    (both_at_once(lambda session: session.up, lambda session: session.down),
     both_at_once(lambda session: session.down, lambda session: session.up)),
    (ask_and_be_reset, answer_and_reset),
    (ask_and_reset, answer_and_be_reset),
    (ask_bit_by_bit, answer_bit_by_bit),
]


def serve(peer):
    header = b""
    while len(header) < HEADER_BYTES:
        part = peer.socket.recv(HEADER_BYTES - len(header))
        if not part:
            return  # somebody only knocked
        header += part
    session = Session.of_header(header)
    try:
        session.service(peer, session)
    except Deviation as deviation:
        print(f"{session.service.__name__} {session.numbers}: {deviation}", flush=True)


def main():
    service = Service(port=int(sys.argv[1]), backlog=1024)
    print("ready", flush=True)
    service.serve(serve)
    sys.stdin.read()


if __name__ == "__main__":
    main()

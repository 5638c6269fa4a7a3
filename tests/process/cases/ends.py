# SPDX-License-Identifier: Apache-2.0
"""What an end of a relayed connection must see next. Each of these raises a Deviation where it sees something else."""

import fcntl
import select
import socket
import struct
import termios
import time
from dataclasses import dataclass

from cases.deviation import CORRUPT, FIN_FOR_RST, HANGS, RST_FOR_FIN, TRUNCATED, Deviation
from support.bytes import KIB

PIECE_BYTES = 256 * KIB
SETTLED_S = 1.0


def _next(peer, size, what):
    try:
        return peer.socket.recv(size)
    except TimeoutError:
        raise Deviation(HANGS, f"{what}; neither byte nor end came") from None


def take(peer, data, rate=None):
    """Exactly these bytes, at most `rate` of them in a second."""
    began, done = time.monotonic(), 0
    while done < len(data):
        where = f"after {done} of {len(data)} bytes"
        try:
            part = _next(peer, min(len(data) - done, PIECE_BYTES), where)
        except ConnectionResetError:
            raise Deviation(TRUNCATED, f"RST {where}") from None
        if not part:
            raise Deviation(TRUNCATED, f"FIN {where}")
        if part != data[done:done + len(part)]:
            raise Deviation(CORRUPT, f"other bytes {where}")
        done += len(part)
        if rate:
            time.sleep(max(0.0, began + done / rate - time.monotonic()))


def take_blocks(peer, blocks):
    """The same for more than should be held in memory."""
    for number, block in enumerate(blocks):
        try:
            take(peer, block)
        except Deviation as deviation:
            raise Deviation(deviation.word, f"block {number}: {deviation.seen}") from None


def take_fin(peer):
    try:
        part = _next(peer, 1, "where FIN is due")
    except ConnectionResetError:
        raise Deviation(RST_FOR_FIN, "after every byte") from None
    if part:
        raise Deviation(CORRUPT, "more bytes than were sent")


def take_reset(peer):
    try:
        part = _next(peer, 1, "where RST is due")
    except ConnectionResetError:
        return
    if part:
        raise Deviation(CORRUPT, "more bytes than were sent")
    raise Deviation(FIN_FOR_RST, "after every byte")


def take_end(peer):
    """FIN or RST: where the upstream's own kernel knows no difference."""
    try:
        if _next(peer, 1, "where an end is due"):
            raise Deviation(CORRUPT, "more bytes than were sent")
    except ConnectionResetError:
        pass


def take_nothing(peer, seconds):
    """Neither a byte nor an end for that long."""
    patience = peer.socket.gettimeout()
    peer.socket.settimeout(seconds)
    try:
        part = peer.socket.recv(1)
    except TimeoutError:
        return
    except ConnectionResetError:
        raise Deviation(TRUNCATED, "RST while the other direction was still open") from None
    finally:
        peer.socket.settimeout(patience)
    if part:
        raise Deviation(CORRUPT, "bytes that nobody sent")
    raise Deviation(TRUNCATED, "FIN while the other direction was still open")


def take_prefix(peer, data):
    """Whatever comes of these bytes, and how it ended: ("fin" or "reset", how many)."""
    done = 0
    while True:
        try:
            part = _next(peer, PIECE_BYTES, f"after {done} bytes")
        except ConnectionResetError:
            return "reset", done
        if not part:
            return "fin", done
        if part != data[done:done + len(part)]:
            raise Deviation(CORRUPT, f"other bytes after {done} bytes")
        done += len(part)


@dataclass
class Exchanged:
    sent: int
    received: int
    ending: str  # "fin", "reset", or "" when our own part was done first


def exchange(peer, data, expected, patience=30):
    """Sends and receives at once, until `data` is sent or the connection is over. One thread reads and writes, reading
    first: of two threads only one would be told of a reset, and it could be the wrong one."""
    done = Exchanged(0, 0, "")
    peer.socket.setblocking(False)
    try:
        while not done.ending and done.sent < len(data):
            readable, writable, _ = select.select([peer.socket], [peer.socket], [], patience)
            if not readable and not writable:
                raise Deviation(HANGS, f"after {done.sent} bytes sent and {done.received} received")
            try:
                if readable:
                    part = peer.socket.recv(PIECE_BYTES)
                    if part != expected[done.received:done.received + len(part)]:
                        raise Deviation(CORRUPT, f"other bytes after {done.received} bytes")
                    done.received += len(part)
                    done.ending = "" if part else "fin"
                elif writable:
                    done.sent += peer.socket.send(data[done.sent:done.sent + PIECE_BYTES])
            except BlockingIOError:
                pass
            except (ConnectionResetError, BrokenPipeError):
                done.ending = "reset"
    finally:
        peer.socket.settimeout(30)
    return done


def send_what_fits(peer, data):
    """Sends until nobody takes any more for a while; returns how much the relay's kernel has acknowledged."""
    peer.socket.setblocking(False)
    sent, since, before = 0, time.monotonic(), None
    try:
        while time.monotonic() - since < SETTLED_S:
            try:
                sent += peer.socket.send(data[sent:sent + PIECE_BYTES])
                since = time.monotonic()
            except BlockingIOError:
                time.sleep(0.01)
            if peer.unacknowledged() != before:
                since, before = time.monotonic(), peer.unacknowledged()
    finally:
        peer.socket.settimeout(30)
    assert 0 < sent < len(data), f"{sent} of {len(data)} bytes fit: the case is not what it should be"
    return sent - peer.unacknowledged()


def unread(peer):
    size = bytearray(4)
    fcntl.ioctl(peer.socket.fileno(), termios.FIONREAD, size)
    return struct.unpack("i", size)[0]


def send_with_fin(peer, data):
    """The last block and the FIN leave in one segment."""
    peer.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
    peer.send(data)
    peer.finish()

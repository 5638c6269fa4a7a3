# SPDX-License-Identifier: Apache-2.0
"""Bytes that differ at every offset, so that a loss, a repeat or a swap cannot go unseen."""

import hashlib
import random

KIB = 1 << 10
MIB = 1 << 20
GIB = 1 << 30


def noise(size, seed):
    return random.Random(seed).randbytes(size)


def noise_blocks(size, seed):
    """The same for sizes that should not be held in memory: numbered blocks of 1 MiB over one block of noise."""
    body = noise(MIB - 8, seed)
    for index in range((size + MIB - 1) // MIB):
        block = index.to_bytes(8, "big") + body
        yield block[: min(MIB, size - index * MIB)]


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def sha256_of_blocks(blocks):
    digest = hashlib.sha256()
    for block in blocks:
        digest.update(block)
    return digest.hexdigest()

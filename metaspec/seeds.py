"""Stateless random numbers: every draw is named by what it is for, not by when it happens.

A draw's key is (seed, name of the stream, counters), for example (7, "episodes/train", iteration, task).
The key is hashed, so streams and counters that differ anywhere give unrelated numbers, and any process
can make any draw in any order. That is what keeps the bits equal for one worker, for eight, and after a
restart. TensorFlow's stateless operations take their two words from the same hash (`key_words`).
"""

from __future__ import annotations

import hashlib
import struct

import numpy as np

# Part of every hash. Changing it changes every random number of every run.
_DERIVATION = b"metaspec seeds 1"

_WORD = 1 << 64


def generator(seed: int, stream: str, *counters: int) -> np.random.Generator:
    """A Philox generator for one draw.

    seed: any integer in -2^63 .. 2^64 - 1. stream: what the draw is for. counters: its place (iteration,
    task index, particle, inner step), same range. The same arguments give the same numbers in every process.
    """
    digest = _digest(seed, stream, counters)
    return np.random.Generator(np.random.Philox(key=np.frombuffer(digest, dtype="<u8", count=2).copy()))


def key_words(seed: int, stream: str, *counters: int) -> tuple[int, int]:
    """Two words in 0 .. 2^32 - 1 for operations that take a pair of 32-bit seeds.

    They are the first 64 bits of the key that `generator` uses for the same arguments.
    """
    low, high = struct.unpack_from("<2I", _digest(seed, stream, counters))
    return low, high


def _digest(seed: int, stream: str, counters: tuple[int, ...]) -> bytes:
    name = stream.encode()
    words = [len(name), len(counters), seed % _WORD, *(int(counter) % _WORD for counter in counters)]
    return hashlib.sha256(_DERIVATION + struct.pack(f"<{len(words)}Q", *words) + name).digest()

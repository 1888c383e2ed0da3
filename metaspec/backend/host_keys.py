"""Keys of streams outside of graphs: `metaspec.backend.philox.fold` of one key, in plain integers.

A call of TensorFlow for two words takes as long as a small shard computes. The words are those of TensorFlow's kernel.
"""

from metaspec.backend.philox import SCRAMBLE

WORD = 0xFFFFFFFF
# Multipliers of a round, and what is added to the key after it (Salmon et al. 2011, table 2).
FIRST, SECOND = 0xD2511F53, 0xCD9E8D57
GOLDEN, ROOT = 0x9E3779B9, 0xBB67AE85
ROUNDS = 10


def folded(key: tuple[int, int], *counters: int) -> tuple[int, int]:
    """The key, two words as int32, folded with one counter after another."""
    for counter in counters:
        first, second, third, fourth = philox((SCRAMBLE & WORD, SCRAMBLE >> 32), (*long(key[0]), *long(key[1])))
        key = signed(philox((first, second), (0, 0, third, fourth))[0]), signed(counter)
    return key


def philox(key: tuple[int, int], counter: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    """Philox 4x32 with ten rounds: four words of 32 bits from a counter of four and a key of two."""
    one, two = key
    a, b, c, d = counter
    for _ in range(ROUNDS):
        low, high = FIRST * a, SECOND * c
        a, b, c, d = high >> 32 ^ b ^ one, high & WORD, low >> 32 ^ d ^ two, low & WORD
        one, two = (one + GOLDEN) & WORD, (two + ROOT) & WORD
    return a, b, c, d


def long(word: int) -> tuple[int, int]:
    """The lower and the upper half of an int32 word as a number of 64 bits, whose sign goes on."""
    return word & WORD, WORD if word < 0 else 0


def signed(word: int) -> int:
    """The int32 with the bits of a number of 32."""
    word &= WORD
    return word - (1 << 32) if word >> 31 else word

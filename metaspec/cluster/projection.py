"""A sparse random projection: long vectors become short ones with nearly the same inner products.

Each coordinate goes, with a random sign, into one random place of each of `BLOCKS` blocks (the block construction
of Kane and Nelson 2014, "Sparser Johnson-Lindenstrauss transforms"). Where it goes depends on its position and the
seed alone, so vectors that are projected by different workers, or have different lengths, share one projection.
"""

from __future__ import annotations

import numpy as np

from metaspec.seeds import generator

WIDTH = 256
BLOCKS = 4
_PIECE = 1 << 16  # coordinates whose places are drawn at once


def project(vectors: np.ndarray, seed: int, width: int = WIDTH) -> np.ndarray:
    """(rows, coordinates) -> (rows, width) in float64; rows of at most `width` coordinates are only padded by zeros.

    The inner product of two rows of length 1 keeps its value up to a standard deviation of about 1 / sqrt(width).
    """
    rows, coordinates = vectors.shape
    if coordinates <= width:
        return np.pad(vectors.astype(np.float64), ((0, 0), (0, width - coordinates)))
    found = np.zeros((rows, width))
    each = width // BLOCKS
    for first in range(0, coordinates, _PIECE):
        piece = vectors[:, first : first + _PIECE].astype(np.float64)
        draw = generator(seed, "projection", first // _PIECE)
        places = draw.integers(each, size=(BLOCKS, _PIECE))[:, : piece.shape[1]]
        signs = draw.choice((-1.0, 1.0), size=(BLOCKS, _PIECE))[:, : piece.shape[1]]
        for block in range(BLOCKS):
            for row in range(rows):
                sums = np.bincount(places[block], weights=piece[row] * signs[block], minlength=each)
                found[row, block * each : (block + 1) * each] += sums
    return found / np.sqrt(BLOCKS)

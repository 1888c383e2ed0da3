"""1 / m for each of the m copies whose last loss is at most the median of all, 0 for the others."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from metaspec.kinds.merges.loss_median import LossMedian


def shares(config: LossMedian, losses: Sequence[Sequence[float]]) -> tuple[float, ...]:
    """Of two copies the better one is left, of three the better two."""
    last = [own[-1] for own in losses]
    bound = median(last)
    chosen = [value <= bound for value in last]
    return tuple(each / sum(chosen) for each in chosen)

"""(1 / l_c) / sum_k (1 / l_k), with the last loss l_c of each copy c."""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum

from metaspec.kinds.merges.loss_weighted import LossWeighted

# Losses below it count as it: a copy that fits its tasks without any error shall not be infinitely better.
LEAST = 1e-8


def shares(config: LossWeighted, losses: Sequence[Sequence[float]]) -> tuple[float, ...]:
    return inverse([own[-1] for own in losses])


def inverse(values: Sequence[float]) -> tuple[float, ...]:
    """Shares proportional to one over each value."""
    inverted = [1 / max(value, LEAST) for value in values]
    whole = fsum(inverted)
    return tuple(each / whole for each in inverted)

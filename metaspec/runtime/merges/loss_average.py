"""Shares proportional to 1 / a_c, where a_c is the mean of the last `window` losses of copy c."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

from metaspec.kinds.merges.loss_average import LossAverage
from metaspec.runtime.merges.loss_weighted import inverse


def shares(config: LossAverage, losses: Sequence[Sequence[float]]) -> tuple[float, ...]:
    """Of copies with fewer losses so far, the mean of those."""
    return inverse([fmean(own[-config.window :]) for own in losses])

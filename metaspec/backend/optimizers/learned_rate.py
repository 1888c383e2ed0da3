"""theta <- theta - r g."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metaspec.backend.optimizers import Optimizer
from metaspec.backend.optimizers.layout import Layout

if TYPE_CHECKING:
    from metaspec.kinds.inner.learned_rate import LearnedRate


def optimizer(config: LearnedRate, layout: Layout) -> Optimizer:
    def step(weights, memory, params, gradient, number):
        return params - weights["rate"] * gradient, memory

    return Optimizer(lambda weights, params, key: {}, step)

"""Learned optimizers on one element axis: `optimizer(config, layout) -> Optimizer`.

All parameters of a task lie one behind the other on an axis of elements, so that a step costs the same few operations
for one tensor as for twenty.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf

from metaspec.backend.trees import Tree


class Optimizer(NamedTuple):
    """A learned optimizer as pure functions.

    `init(weights, params, key) -> memory` before the first step; `step(weights, memory, params, gradient, number) ->
    (params, memory)` with the parameters and their gradient (tasks, elements) and the inner step counted from 0;
    `attended(memory)` is where the next gradient is taken, None for the parameters themselves.
    """

    init: Callable[[Tree, tf.Tensor, tf.Tensor], Tree]
    step: Callable[[Tree, Tree, tf.Tensor, tf.Tensor, tf.Tensor | int], tuple[tf.Tensor, Tree]]
    attended: Callable[[Tree], tf.Tensor] | None = None

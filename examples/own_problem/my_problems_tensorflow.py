"""A problem of one's own, the half with TensorFlow. Only the processes that compute import it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import tensorflow as tf

from metaspec.backend.problems import Objective, Params, product, summed
from metaspec.backend.problems.starts import standard
from metaspec.backend.records import Tree

if TYPE_CHECKING:
    from my_problems import Logistic


def functions(config: Logistic) -> Objective:
    """`data` makes an instance, in NumPy; `loss` has instances side by side, on a task axis in front of everything."""

    def data(draw: np.random.Generator) -> dict[str, np.ndarray]:
        points = draw.normal(size=(config.points, config.size)) * draw.uniform(0.1, 3.0, config.size)
        labels = np.sign(points @ draw.normal(size=config.size) + draw.normal(size=config.points))
        return {"labelled": labels[:, None] * points}

    def loss(data: Tree, params: Params, rows: tf.Tensor | None) -> tf.Tensor:
        weights = params[0][..., 0]  # a vector is a tensor (tasks, size, 1)
        margins = product(data["labelled"], weights)
        return tf.reduce_mean(tf.nn.softplus(-margins), axis=1) + 0.5 * config.l2 * summed(tf.square(weights))

    return Objective(data, standard, loss, (config.noise,), matrices=("labelled",))

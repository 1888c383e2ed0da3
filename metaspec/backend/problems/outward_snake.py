"""sum D_0 / (|x| + 1e-6) + sum ((x_{1:} - pi cos x_{:-1}) D_{1:})^2 over rows of zeros and ones."""

from math import pi

import tensorflow as tf

from metaspec.backend.problems import Objective, Params, summed, taken
from metaspec.backend.problems.starts import standard
from metaspec.backend.records import Tree
from metaspec.kinds.problems.outward_snake import OutwardSnake


def functions(config: OutwardSnake) -> Objective:
    def data(draw):
        return {"rows": draw.integers(0, 2, (config.rows, config.size)).astype(float)}

    def loss(data: Tree, params: Params, rows: tf.Tensor | None) -> tf.Tensor:
        found, x = taken(data["rows"], rows), params[0]
        radius = tf.sqrt(summed(tf.square(x)))
        along = (x[:, 1:] - pi * tf.cos(x[:, :-1]))[:, tf.newaxis] * found[..., 1:]
        return tf.reduce_sum(found[..., 0], axis=1) / (radius + 1e-6) + summed(tf.square(along))

    return Objective(data, standard, loss, (config.noise,), config.rows, min(config.batch, config.rows))

"""max x^2 + 1 / min x^2 - 2 + 1e-12."""

import tensorflow as tf

from metaspec.backend.problems import Objective, Params
from metaspec.backend.problems.starts import standard
from metaspec.backend.records import Tree
from metaspec.kinds.problems.min_max_well import MinMaxWell


def functions(config: MinMaxWell) -> Objective:
    def loss(data: Tree, params: Params, rows) -> tf.Tensor:
        squares = tf.square(params[0])
        return tf.reduce_max(squares, axis=1) + 1 / tf.reduce_min(squares, axis=1) - 2 + 1e-12

    return Objective(lambda draw: {}, standard, loss, (config.noise,))

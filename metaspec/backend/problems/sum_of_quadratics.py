"""sum (x - D)^2 - sum D^2 + 1e-12 over normal rows and their negatives."""

import tensorflow as tf

from metaspec.backend.problems import Objective, Params, summed, taken
from metaspec.backend.problems.projection_quadratic import symmetric
from metaspec.backend.problems.starts import standard
from metaspec.backend.records import Tree
from metaspec.kinds.problems.sum_of_quadratics import SumOfQuadratics


def functions(config: SumOfQuadratics) -> Objective:
    def loss(data: Tree, params: Params, rows: tf.Tensor | None) -> tf.Tensor:
        """Multiplied out, since the difference of two large sums of squares would lose most of its digits."""
        found, (x,) = taken(data["rows"], rows), params
        return (
            summed(tf.square(x)) * found.shape[1] - 2 * summed(x * tf.reduce_sum(found, axis=1, keepdims=True)) + 1e-12
        )

    batch = min(config.batch, config.rows)
    return Objective(symmetric(config.rows, config.size), standard, loss, (config.noise,), config.rows, batch)

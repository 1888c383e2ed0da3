"""How well k products suffice to multiply two matrices."""

import numpy as np
import tensorflow as tf

from metaspec.backend.problems import Objective, Params, summed
from metaspec.backend.problems.starts import unit_columns
from metaspec.backend.records import Tree
from metaspec.kinds.problems.matmul import Matmul


def functions(config: Matmul) -> Objective:
    size = config.size
    units = np.eye(size**2).reshape(-1, size, size)
    left, right = (np.repeat(units, size**2, axis=0), np.tile(units, (size**2, 1, 1)))
    wanted = (left @ right).reshape(-1, size**2)
    left, right = left.reshape(-1, size**2), right.reshape(-1, size**2)

    def loss(data: Tree, params: Params, rows) -> tf.Tensor:
        """The least-squares solution by the normal equations, as the original, through which gradients flow."""
        a, b, c = (tf.constant(value, params[0].dtype) for value in (left, right, wanted))
        products = tf.matmul(a, params[0]) * tf.matmul(b, params[1])
        normal = tf.matmul(products, products, transpose_a=True)
        read = tf.linalg.solve(normal, tf.matmul(products, c[tf.newaxis], transpose_a=True))
        return summed(tf.square(tf.matmul(products, read) - c))

    return Objective(lambda draw: {}, unit_columns, loss, (config.noise,) * 2)

"""The matrix itself, column by column, and elimination."""

import tensorflow as tf

from metaspec.backend.records import Tree
from metaspec.backend.solvers import System
from metaspec.backend.solvers.dense import eliminated
from metaspec.backend.trees import tree_of, vector
from metaspec.kinds.solvers.exact import Exact


def solve(config: Exact, system: System) -> Tree:
    right = vector(system.right)
    tasks, size = right.shape

    def body(number, rows):
        unit = tf.broadcast_to(tf.one_hot(number, size, dtype=right.dtype), (tasks, size))
        row = vector(system.product(tree_of(unit, system.right)))
        return number + 1, tf.tensor_scatter_nd_update(rows, [[number]], [row])

    loop = (tf.constant(0), tf.zeros((size, tasks, size), right.dtype))
    _, rows = tf.while_loop(lambda number, _: number < size, body, loop, maximum_iterations=size)
    matrix = tf.transpose(rows, (1, 0, 2)) + config.damping * tf.eye(size, dtype=right.dtype)
    return tree_of(eliminated(matrix, right[..., tf.newaxis])[..., 0], system.right)

"""W = (X^T X + l2)^-1 X^T Y, or X^T (X X^T + l2)^-1 Y (Bertinetto et al. 2019, equations 3 and 4)."""

import tensorflow as tf

from metaspec.backend.layers.heads import extended, indicator, present
from metaspec.backend.records import Batch, InnerMethod, Problem, State, Tree
from metaspec.backend.settings import Settings
from metaspec.backend.solvers.dense import solve_symmetric
from metaspec.kinds.inner.ridge import Ridge


def method(config: Ridge, problem: Problem) -> InnerMethod:
    def init(settings: Settings, support: Batch, params: Tree) -> State:
        inputs, targets = extended(support.inputs), support.targets
        if problem.classifies:
            targets = indicator(targets, problem.outputs, inputs.dtype)
        # A row of zeros adds nothing to X^T X, and in the dual form its coefficient is zero.
        inputs, targets = present(inputs, support.weights), present(targets, support.weights)
        items, width = inputs.shape[1:]
        l2 = settings.number("l2")
        if config.form == "primal" or (config.form == "auto" and width <= items):
            matrix = tf.matmul(inputs, inputs, transpose_a=True) + l2 * tf.eye(width, dtype=inputs.dtype)
            weights = solve_symmetric(matrix, tf.matmul(inputs, targets, transpose_a=True), problem.compiled)
        else:
            matrix = tf.matmul(inputs, inputs, transpose_b=True) + l2 * tf.eye(items, dtype=inputs.dtype)
            weights = tf.matmul(inputs, solve_symmetric(matrix, targets, problem.compiled), transpose_a=True)
        return State(params, weights, {})

    def step(settings: Settings, state: State, support: Batch, number) -> State:
        return state

    def predict(settings: Settings, state: State, features: tf.Tensor) -> tf.Tensor:
        return settings.number("scale") * tf.matmul(extended(features), state.memory) + settings.number("shift")

    return InnerMethod(init, step, predict)

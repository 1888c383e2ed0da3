"""The dual of the multi-class support vector machine of Crammer and Singer 2001, solved and differentiated.

With H = cost * one_hot(y) the dual's variables are A = H - U, each row of U in the simplex of size `cost`. The steps
below live on U; the last solve and all derivatives on the entries of U that are not zero.
"""

import tensorflow as tf

from metaspec.backend.layers.heads import indicator, present
from metaspec.backend.records import Batch, InnerMethod, Problem, State, Tree
from metaspec.backend.settings import Settings
from metaspec.backend.solvers.dense import solve_symmetric
from metaspec.kinds.inner.svm import Svm

# Exchanges of the active set at the most; after the projected steps one or two are enough.
ROUNDS = 10


def method(config: Svm, problem: Problem) -> InnerMethod:
    def init(settings: Settings, support: Batch, params: Tree) -> State:
        # The variables of an empty place meet a kernel of their own, and the weights not at all.
        inputs = present(support.inputs, support.weights)
        labels = indicator(support.targets, problem.outputs, inputs.dtype)
        kernel = tf.matmul(inputs, inputs, transpose_b=True)
        kernel += config.damping * tf.eye(inputs.shape[1], dtype=inputs.dtype)
        if not isinstance(support.weights, tuple):
            kernel += tf.linalg.diag(1.0 - support.weights)
        dual = solved(config, kernel, labels, settings.number("cost"), problem.compiled)
        return State(params, tf.matmul(inputs, dual, transpose_a=True), {})

    def step(settings: Settings, state: State, support: Batch, number) -> State:
        return state

    def predict(settings: Settings, state: State, features: tf.Tensor) -> tf.Tensor:
        return settings.number("scale") * tf.matmul(features, state.memory)

    return InnerMethod(init, step, predict)


def solved(config: Svm, kernel: tf.Tensor, labels: tf.Tensor, cost: tf.Tensor, compiled: bool) -> tf.Tensor:
    """The dual solution A (tasks, items, ways), for a kernel (tasks, items, items) with its damping."""
    constants = (tf.stop_gradient(kernel), labels, tf.stop_gradient(cost))
    slack = projected_steps(*constants, config.iterations, config.tolerance)
    free = tf.stop_gradient(exchanged(*constants, tf.cast(slack > 0, kernel.dtype), compiled))
    return stationary(kernel, labels, cost, free, compiled)


def exchanged(kernel: tf.Tensor, labels: tf.Tensor, cost: tf.Tensor, free: tf.Tensor, compiled: bool) -> tf.Tensor:
    """The free entries of the solution, from nearly right ones: a primal-dual active set method.

    (Hintermueller et al. 2003.) The exact solution for a set says which entries leave it, those of U below 0, and
    which enter, those that would gain more than their row's multiplier; until none does.
    """
    rate = 1.0 / tf.reduce_max(tf.reduce_sum(tf.abs(kernel), axis=-1), axis=-1)[:, tf.newaxis, tf.newaxis]

    def body(number, free, changing):
        dual = stationary(kernel, labels, cost, free, compiled)
        slope = labels - tf.matmul(kernel, dual)
        multiplier = tf.reduce_sum(free * slope, axis=-1, keepdims=True) / tf.reduce_sum(free, axis=-1, keepdims=True)
        reach = cost * labels - dual - rate * (slope - multiplier)
        # A row's largest entry is always free: its entries add up to the cost.
        largest = tf.equal(reach, tf.reduce_max(reach, axis=-1, keepdims=True))
        found = tf.cast((reach > 0) | largest, free.dtype)
        return number + 1, found, tf.reduce_any(tf.not_equal(found, free))

    _, free, _ = tf.while_loop(
        lambda number, _, changing: (number < ROUNDS) & changing,
        body,
        (tf.constant(0), free, tf.constant(True)),
        maximum_iterations=ROUNDS,
    )
    return free


def projected_steps(
    kernel: tf.Tensor, labels: tf.Tensor, cost: tf.Tensor, iterations: int, tolerance: float
) -> tf.Tensor:
    """U of the solution, by accelerated projected gradient steps that start anew where they overshoot.

    (Beck and Teboulle 2009; O'Donoghue and Candes 2015 for the restart.) The step is the inverse of a bound on the
    largest eigenvalue, the largest sum of a row.
    """
    rate = 1.0 / tf.reduce_max(tf.reduce_sum(tf.abs(kernel), axis=-1), axis=-1)[:, tf.newaxis, tf.newaxis]
    upper = cost * labels

    def body(number, slack, ahead, momentum, move):
        # The gradient in U is the negative of that in A = H - U.
        slope = labels - tf.matmul(kernel, upper - ahead)
        found = on_simplex(ahead - rate * slope, cost)
        change = found - slack
        rising = tf.reduce_sum((ahead - found) * change, axis=[1, 2], keepdims=True) > 0
        following = 0.5 * (1.0 + tf.sqrt(1.0 + 4.0 * tf.square(momentum)))
        ahead = tf.where(rising, found, found + (momentum - 1.0) / following * change)
        momentum = tf.where(rising, tf.ones_like(momentum), following)
        return number + 1, found, ahead, momentum, tf.reduce_max(tf.abs(change))

    ways = labels.shape[-1]
    slack = tf.fill(labels.shape, tf.cast(cost / ways, labels.dtype))
    loop = (tf.constant(0), slack, slack, tf.ones_like(rate), cost)
    _, slack, *_ = tf.while_loop(
        lambda number, *rest: (number < iterations) & (rest[-1] > tolerance * cost),
        body,
        loop,
        maximum_iterations=iterations,
    )
    return slack


def on_simplex(points: tf.Tensor, size: tf.Tensor) -> tf.Tensor:
    """The nearest point with entries of 0 or more that add up to `size`, along the last axis (Held et al. 1974)."""
    width = points.shape[-1]
    ordered = tf.sort(points, direction="DESCENDING", axis=-1)
    sums = tf.cumsum(ordered, axis=-1) - size
    counts = tf.range(1, width + 1, dtype=points.dtype)
    above = tf.cast(ordered * counts > sums, points.dtype)
    last = tf.reduce_sum(above, axis=-1, keepdims=True)
    # The sum up to the last entry that stays above zero, without an index that gradients or XLA would stumble over.
    chosen = tf.reduce_sum(sums * tf.cast(tf.equal(counts, last), points.dtype), axis=-1, keepdims=True)
    return tf.maximum(points - chosen / last, 0.0)


def stationary(kernel: tf.Tensor, labels: tf.Tensor, cost: tf.Tensor, free: tf.Tensor, compiled: bool) -> tf.Tensor:
    """The exact solution A on the entries that are free, the others standing at their bounds.

    On the free entries K A - Y is the same number along each row, which its multiplier is. With P the projection on
    what may move, entries that are free and rows that keep their sums, A = A0 + P Z for any A0 that meets the
    constraints and (P K P + 1 - P) Z = P (Y - K A0).
    """
    tasks, items, ways = labels.shape
    size = items * ways
    count = tf.reduce_sum(free, axis=-1, keepdims=True)
    fixed = (1.0 - free) * cost * labels
    begin = fixed - free * tf.reduce_sum(fixed, axis=-1, keepdims=True) / count
    # The projection within one item: diag(free) - free free^T / count.
    within = tf.linalg.diag(free) - free[..., tf.newaxis] * free[..., tf.newaxis, :] / count[..., tf.newaxis]

    def projected(values: tf.Tensor) -> tf.Tensor:
        return tf.matmul(within, values[..., tf.newaxis])[..., 0]

    # P K P as (items, ways, items, ways): K[i, j] times the product of the two items' projections.
    products = tf.einsum("tikl,tjlm->tikjm", within, within)
    matrix = tf.reshape(kernel[:, :, tf.newaxis, :, tf.newaxis] * products, (tasks, size, size))
    identity = tf.eye(size, dtype=kernel.dtype)
    places = tf.eye(items, dtype=kernel.dtype)[:, tf.newaxis, :, tf.newaxis]
    allowed = tf.reshape(places * within[:, :, :, tf.newaxis, :], (tasks, size, size))
    right = projected(labels - tf.matmul(kernel, begin))
    found = solve_symmetric(matrix + identity - allowed, tf.reshape(right, (tasks, size, 1)), compiled)
    return begin + projected(tf.reshape(found, (tasks, items, ways)))

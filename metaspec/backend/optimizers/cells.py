"""Recurrent cells that take a bias besides their input (Wichrowska et al. 2017), on states (width, tasks, items).

The GRU applies its reset gate before the candidate's product, and its update gate keeps the old state. The injected
bias has one part for each gate, in the order of the gates; None stands for zeros.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import tensorflow as tf

if TYPE_CHECKING:
    from metaspec.backend.records import Tree


class Cell(NamedTuple):
    """`step(weights, level, inputs, state, bias) -> state`; `output(state)` is what others read of it."""

    step: Callable[[Tree, str, tf.Tensor, tf.Tensor, tf.Tensor | None], tf.Tensor]
    output: Callable[[tf.Tensor], tf.Tensor]


def affine(values: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor | None = None) -> tf.Tensor:
    """(inputs, ...) with a kernel (inputs, outputs) -> (outputs, ...), as one product over all other axes."""
    product = tf.matmul(kernel, tf.reshape(values, (kernel.shape[0], -1)), transpose_a=True)
    if bias is not None:
        product = plus(product, bias)
    return tf.reshape(product, (kernel.shape[1], *values.shape[1:]))


@tf.custom_gradient
def plus(values: tf.Tensor, bias: tf.Tensor):
    """(rows, columns) plus (rows,). Its gradient sums rows by a product, which is several times faster than a sum."""

    def pulled(upstream: tf.Tensor):
        return upstream, tf.linalg.matvec(upstream, tf.ones(upstream.shape[1:], upstream.dtype))

    return values + bias[:, tf.newaxis], pulled


def gru(weights: Tree, level: str, inputs: tf.Tensor, state: tf.Tensor, bias: tf.Tensor | None) -> tf.Tensor:
    """r, u = sigmoid([x, h] Wg + bg + b_ru), c = tanh([x, r h] Wc + bc + b_c), h' = u h + (1 - u) c."""
    wide, size = inputs.shape[0], state.shape[0]
    gates, candidate = weights[f"{level}.gates.kernel"], weights[f"{level}.candidate.kernel"]
    # Inputs and state go through one product for gates and candidate alike, in which the candidate takes no state: a
    # product of a few numbers takes as long as its call.
    entered = affine(
        tf.concat([inputs, state], axis=0),
        tf.concat([gates, tf.pad(candidate[:wide], [[0, size], [0, 0]])], axis=1),
        tf.concat([weights[f"{level}.gates.bias"], weights[f"{level}.candidate.bias"]], axis=0),
    )
    if bias is not None:
        entered += bias
    opened = tf.sigmoid(entered[: 2 * size])
    reset, update = opened[:size], opened[size:]
    proposed = tf.tanh(entered[2 * size :] + affine(reset * state, candidate[wide:]))
    return proposed + update * (state - proposed)


def lstm(weights: Tree, level: str, inputs: tf.Tensor, state: tf.Tensor, bias: tf.Tensor | None) -> tf.Tensor:
    """f, i, o = sigmoid, g = tanh of [x, h] W + b + injected; c' = f c + i g, h' = o tanh(c'). State [h, c]."""
    size = state.shape[0] // 2
    hidden, memory = state[:size], state[size:]
    own = tf.concat([weights[f"{level}.forget.bias"], weights[f"{level}.gates.bias"]], axis=0)
    entered = affine(tf.concat([inputs, hidden], axis=0), weights[f"{level}.gates.kernel"], own)
    if bias is not None:
        entered += bias
    opened, proposed = tf.sigmoid(entered[: 3 * size]), tf.tanh(entered[3 * size :])
    memory = opened[:size] * memory + opened[size : 2 * size] * proposed
    return tf.concat([opened[2 * size :] * tf.tanh(memory), memory], axis=0)


CELLS = {
    "gru": Cell(gru, lambda state: state),
    "lstm": Cell(lstm, lambda state: state[: state.shape[0] // 2]),
}

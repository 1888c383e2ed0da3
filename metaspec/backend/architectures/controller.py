"""An LSTM draws the operations, place after place (Zoph and Le 2017, section 3.1)."""

from typing import NamedTuple

import tensorflow as tf

from metaspec.backend.keys import fold, uniform
from metaspec.backend.records import Tree
from metaspec.kinds.architectures.controller import Controller


class Drawn(NamedTuple):
    """One-hot operations (tasks, places, operations), and the logarithm of their probability (tasks,)."""

    operations: tf.Tensor
    log_probability: tf.Tensor


def operations(config: Controller, weights: Tree, places: int, tasks: int, key: tf.Tensor) -> tf.Tensor:
    """What each task draws, a constant to whoever differentiates."""
    return tf.stop_gradient(drawn(config, weights, places, tasks, key).operations)


def log_probability(config: Controller, weights: Tree, places: int, tasks: int, key: tf.Tensor) -> tf.Tensor:
    return drawn(config, weights, places, tasks, key).log_probability


def drawn(config: Controller, weights: Tree, places: int, tasks: int, key: tf.Tensor) -> Drawn:
    """One operation after the other, each from the softmax of its logits."""
    count, dtype = len(config.ops), weights["logits.bias"].dtype
    hidden = memory = tf.zeros((tasks, config.units), dtype)
    before = tf.one_hot(tf.fill((tasks,), count), count + 1, dtype=dtype)  # nothing was drawn yet
    chosen, total = [], tf.zeros((tasks,), dtype)
    for place in range(places):
        entered = tf.concat([before, hidden], axis=1) @ weights["gates.kernel"] + weights["gates.bias"]
        put, kept, given, proposed = tf.split(entered, 4, axis=1)
        memory = tf.sigmoid(kept) * memory + tf.sigmoid(put) * tf.tanh(proposed)
        hidden = tf.sigmoid(given) * tf.tanh(memory)
        logs = tf.nn.log_softmax(hidden @ weights["logits.kernel"] + weights["logits.bias"])
        choice = tf.one_hot(quantile(tf.exp(logs), fold(key, place)), count, dtype=dtype)
        total += tf.reduce_sum(choice * logs, axis=1)
        chosen.append(choice)
        before = tf.pad(choice, [[0, 0], [0, 1]])
    return Drawn(tf.stack(chosen, axis=1), total)


def quantile(shares: tf.Tensor, key: tf.Tensor) -> tf.Tensor:
    """Probabilities (tasks, operations) -> the number of the operation drawn, (tasks,)."""
    point = uniform(key, (shares.shape[0], 1), shares.dtype)
    passed = tf.cast(tf.cumsum(shares, axis=1) <= point, tf.int32)
    return tf.minimum(tf.reduce_sum(passed, axis=1), shares.shape[1] - 1)

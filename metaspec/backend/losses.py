"""Losses and metrics of a task: means over its items, one number for each task."""

import tensorflow as tf

from metaspec.backend.records import Measure, Metrics
from metaspec.spec.shapes import Loss


def mean(values: tf.Tensor, weights: tf.Tensor | tuple[()] = ()) -> tf.Tensor:
    """(tasks, items, ...) -> (tasks,): the mean over items of weight 1, and over what each of them has."""
    if isinstance(weights, tuple):
        return tf.reduce_mean(values, axis=list(range(1, values.shape.rank)))
    items = tf.reduce_mean(values, axis=list(range(2, values.shape.rank)))
    return tf.reduce_sum(weights * items, axis=1) / tf.reduce_sum(weights, axis=1)


def mean_squared_error(outputs: tf.Tensor, targets: tf.Tensor, weights: tf.Tensor | tuple[()] = ()) -> tf.Tensor:
    """(tasks, items, outputs) twice -> (tasks,); the mean over items and outputs."""
    return mean(tf.square(outputs - targets), weights)


def cross_entropy(logits: tf.Tensor, classes: tf.Tensor, weights: tf.Tensor | tuple[()] = ()) -> tf.Tensor:
    """Logits (tasks, ..., classes) and class indices (tasks, ...), or a number for each class -> (tasks,).

    Written out in primitives that differentiate twice; `tf.nn.sparse_softmax_cross_entropy_with_logits` does not
    compile with XLA for its second derivative.
    """
    learned = classes.dtype.is_floating
    chosen = classes if learned else tf.one_hot(classes, logits.shape[-1], dtype=logits.dtype)
    shifted = logits - tf.stop_gradient(tf.reduce_max(logits, axis=-1, keepdims=True))
    normaliser = tf.math.log(tf.reduce_sum(tf.exp(shifted), axis=-1))
    if learned:
        normaliser *= tf.reduce_sum(chosen, axis=-1)
    return mean(normaliser - tf.reduce_sum(chosen * shifted, axis=-1), weights)


def accuracy(logits: tf.Tensor, classes: tf.Tensor) -> tf.Tensor:
    """The share of items whose largest logit is that of their class: (tasks,)."""
    hits = tf.equal(tf.argmax(logits, axis=-1, output_type=classes.dtype), classes)
    return tf.reduce_mean(tf.cast(hits, logits.dtype), axis=list(range(1, classes.shape.rank)))


LOSSES = {"mean_squared_error": mean_squared_error, "cross_entropy": cross_entropy}


def measure(loss: Loss) -> Measure:
    """The loss of a task, and what is reported of it."""
    own = LOSSES[loss]

    def metrics(outputs: tf.Tensor, targets: tf.Tensor) -> Metrics:
        found = {"query_loss": own(outputs, targets)}
        if loss == "cross_entropy":
            found["accuracy"] = accuracy(outputs, targets)
        return found

    return Measure(own, metrics, ("query_loss", "accuracy") if loss == "cross_entropy" else ("query_loss",))

"""Losses and metrics of a task: means over its items, one number for each task."""

import tensorflow as tf

from metaspec.backend.records import Measure, Metrics
from metaspec.spec.shapes import Loss


def mean_squared_error(outputs: tf.Tensor, targets: tf.Tensor) -> tf.Tensor:
    """(tasks, items, outputs) twice -> (tasks,); the mean over items and outputs."""
    return tf.reduce_mean(tf.square(outputs - targets), axis=[1, 2])


def cross_entropy(logits: tf.Tensor, classes: tf.Tensor) -> tf.Tensor:
    """Logits (tasks, items, classes) and class indices (tasks, items) -> (tasks,).

    Written out in primitives that differentiate twice; `tf.nn.sparse_softmax_cross_entropy_with_logits` does not
    compile with XLA for its second derivative.
    """
    chosen = tf.one_hot(classes, logits.shape[-1], dtype=logits.dtype)
    shifted = logits - tf.stop_gradient(tf.reduce_max(logits, axis=-1, keepdims=True))
    normaliser = tf.math.log(tf.reduce_sum(tf.exp(shifted), axis=-1))
    return tf.reduce_mean(normaliser - tf.reduce_sum(chosen * shifted, axis=-1), axis=1)


def accuracy(logits: tf.Tensor, classes: tf.Tensor) -> tf.Tensor:
    """The share of items whose largest logit is that of their class: (tasks,)."""
    hits = tf.equal(tf.argmax(logits, axis=-1, output_type=classes.dtype), classes)
    return tf.reduce_mean(tf.cast(hits, logits.dtype), axis=1)


LOSSES = {"mean_squared_error": mean_squared_error, "cross_entropy": cross_entropy}


def measure(loss: Loss) -> Measure:
    """The loss of a task, and what is reported of it."""
    own = LOSSES[loss]

    def metrics(outputs: tf.Tensor, targets: tf.Tensor) -> Metrics:
        found = {"query_loss": own(outputs, targets)}
        if loss == "cross_entropy":
            found["accuracy"] = accuracy(outputs, targets)
        return found

    return Measure(own, metrics)

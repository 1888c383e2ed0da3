"""Fully connected layers on the task axis."""

import tensorflow as tf


def dense(values: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor) -> tf.Tensor:
    """(tasks, items, inputs) x (tasks, inputs, outputs) + (tasks, outputs)."""
    return tf.matmul(values, kernel) + bias[:, tf.newaxis]


def flat(inputs: tf.Tensor) -> tf.Tensor:
    """(tasks, items, ...) -> (tasks, items, numbers of one item)."""
    if inputs.shape.rank == 3:
        return inputs
    tasks, items, *item = inputs.shape
    return tf.reshape(inputs, (tasks, items, tf.TensorShape(item).num_elements()))

"""What the optimizers with a network at every parameter share: normalised features, time features, the network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import tensorflow as tf

from metaspec.backend.optimizers.cells import affine
from metaspec.backend.optimizers.layout import Groups, means, spread

if TYPE_CHECKING:
    from metaspec.backend.records import Tree

# Elements up to which they lie in rows.
FEW = 64


def normalised(features: tf.Tensor, of_tensor: Groups) -> tf.Tensor:
    """(features, tasks, elements), each divided by its root mean square over its tensor: x / sqrt(1e-5 + mean x^2)."""
    return features * spread(of_tensor, tf.math.rsqrt(1e-5 + means(of_tensor, tf.square(features))))


def times(number: tf.Tensor | int, scales: tuple[int, ...], dtype: tf.DType) -> tf.Tensor:
    """tanh(number / scale - 1) for each scale."""
    return tf.tanh(tf.cast(number, dtype) / tf.constant(scales, dtype) - 1)


def applied(weights: Tree, features: tf.Tensor, time: tf.Tensor, layers: int) -> tf.Tensor:
    """The network with relu between its layers: (features, tasks, elements) and the same times at all of them.

    Few elements lie in rows and not in columns: where every task has weights of its own side by side, as perturbed ones
    are, such products take half the time.
    """
    wide, shape = features.shape[0], features.shape[1:]
    values = tf.reshape(features, (wide, -1))
    in_rows = values.shape[1] <= FEW
    if in_rows:
        values = tf.transpose(values)
    for number in range(1, layers + 1):
        kernel, bias = weights[f"layer{number}.kernel"], weights[f"layer{number}.bias"]
        if number == 1:
            # The times are equal everywhere: their part of the product is a bias.
            bias += tf.linalg.matvec(kernel[wide:], time, transpose_a=True)
            kernel = kernel[:wide]
        values = tf.matmul(values, kernel) + bias if in_rows else affine(values, kernel, bias)
        if number < layers:
            values = tf.nn.relu(values)
    return tf.reshape(tf.transpose(values) if in_rows else values, (-1, *shape))

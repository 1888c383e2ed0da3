"""The last layer of a model, and the heads that are computed from the support set instead."""

import tensorflow as tf

from metaspec.backend.layers.dense import dense
from metaspec.backend.records import Tree


def linear_head(params: Tree, features: tf.Tensor) -> tf.Tensor:
    """features (tasks, items, width) -> (tasks, items, outputs)."""
    return dense(features, params["head.kernel"], params["head.bias"])


def indicator(classes: tf.Tensor, ways: int, dtype: tf.DType) -> tf.Tensor:
    """Class indices (tasks, items) -> (tasks, items, ways) of zeros and ones."""
    return tf.one_hot(classes, ways, dtype=dtype)


def present(values: tf.Tensor, weights: tf.Tensor | tuple[()]) -> tf.Tensor:
    """(tasks, items, ...) with zeros for items of weight 0."""
    return values if isinstance(weights, tuple) else values * weights[..., tf.newaxis]


def class_means(features: tf.Tensor, classes: tf.Tensor, ways: int, weights: tf.Tensor | tuple[()] = ()) -> tf.Tensor:
    """The mean of each class's features, its prototype: (tasks, ways, width). A class without items has zeros."""
    members = present(indicator(classes, ways, features.dtype), weights)
    count = tf.maximum(tf.reduce_sum(members, axis=1), 1.0)
    return tf.matmul(members, features, transpose_a=True) / count[..., tf.newaxis]


def squared_distances(features: tf.Tensor, points: tf.Tensor) -> tf.Tensor:
    """(tasks, items, width) and (tasks, points, width) -> (tasks, items, points)."""
    return tf.reduce_sum(tf.square(features[:, :, tf.newaxis] - points[:, tf.newaxis]), axis=-1)


def prototype_head(features: tf.Tensor, classes: tf.Tensor, ways: int, weights: tf.Tensor | tuple[()] = ()) -> Tree:
    """The linear layer that ranks classes as the squared distance to their prototypes does.

    -|x - c|^2 = 2 c . x - |c|^2 - |x|^2, and the last term is the same for all classes (Snell et al. 2017, section
    2.4): kernel 2 c, bias -|c|^2 (Triantafillou et al. 2020, section 3).
    """
    means = class_means(features, classes, ways, weights)
    return {
        "head.kernel": 2.0 * tf.linalg.matrix_transpose(means),
        "head.bias": -tf.reduce_sum(tf.square(means), axis=-1),
    }


def extended(features: tf.Tensor) -> tf.Tensor:
    """Features with a 1 behind, for the bias: (tasks, items, width + 1)."""
    return tf.concat([features, tf.ones((*features.shape[:-1], 1), features.dtype)], axis=-1)


def cosines(features: tf.Tensor, points: tf.Tensor) -> tf.Tensor:
    """(tasks, items, width) and (tasks, points, width) -> (tasks, items, points)."""
    return tf.matmul(directions(features), directions(points), transpose_b=True)


def directions(vectors: tf.Tensor) -> tf.Tensor:
    """Vectors of length 1; one of nothing but zeros stays as it is, with a derivative of zero."""
    square = tf.reduce_sum(tf.square(vectors), axis=-1, keepdims=True)
    there = square > 0
    return vectors * tf.where(
        there, tf.math.rsqrt(tf.where(there, square, tf.ones_like(square))), tf.zeros_like(square)
    )

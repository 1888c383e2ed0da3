"""Each operation's share is a softmax of the place's logits (Liu et al. 2019, equation 2)."""

import tensorflow as tf

from metaspec.backend.records import Tree
from metaspec.kinds.architectures.mixture import Mixture


def operations(config: Mixture, weights: Tree, places: int, tasks: int, key: tf.Tensor) -> tf.Tensor:
    """The same for all tasks; nothing is drawn."""
    shares = tf.nn.softmax(weights["logits"])
    return tf.broadcast_to(shares[tf.newaxis], (tasks, *shares.shape))

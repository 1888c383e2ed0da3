"""Meta-gradients: `gradient(config, learning, objective) -> MetaGradient`."""

from collections.abc import Callable

import tensorflow as tf

from metaspec.backend.records import Episode, Metrics, Tree

# (meta-parameters, episode, initial parameters) -> (gradient summed over the tasks, metrics of each task)
MetaGradient = Callable[[Tree, Episode, tf.Tensor], tuple[Tree, Metrics]]

"""Parts of episodes along the task axis."""

import tensorflow as tf

from metaspec.backend.records import Episode


def cut(episode: Episode, first: tf.Tensor | int, count: int) -> Episode:
    """The episodes of `count` tasks from number `first` on. What all tasks share has an axis of 1, and stays."""
    tasks = episode.support.targets.shape[0]

    def slice_of(tensor: tf.Tensor) -> tf.Tensor:
        if tensor.shape[0] != tasks:
            return tensor
        # With the size given as numbers the number of tasks stays known to the graph.
        rest = tensor.shape[1:]
        return tf.slice(tensor, [first] + [0] * len(rest), [count, *rest])

    return tf.nest.map_structure(slice_of, episode)

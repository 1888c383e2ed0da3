"""Learned items, shared by all tasks, with the classes of the items in whose place they stand or learned targets."""

import tensorflow as tf

from metaspec.backend.records import Batch, Tree
from metaspec.kinds.sources.examples import Examples


def replaced(config: Examples, weights: Tree, support: Batch) -> Batch:
    """Inputs (1, items, ...); targets (tasks, items), or (tasks, items, classes) where they are learned."""
    inputs = weights["items"][tf.newaxis]
    if config.labels == "classes":
        return Batch(inputs, support.targets)
    labels = weights["labels"]
    return Batch(inputs, tf.broadcast_to(labels[tf.newaxis], (support.targets.shape[0], *labels.shape)))

"""x' = x + f(x, z), f fully connected, z standard normal."""

import tensorflow as tf

from metaspec.backend.keys import normal
from metaspec.backend.layers.dense import flat
from metaspec.backend.models.mlp import ACTIVATIONS
from metaspec.backend.records import Batch, Tree
from metaspec.kinds.augmentations.network import Network


def augmented(config: Network, weights: Tree, batch: Batch, key: tf.Tensor) -> Batch:
    """Inputs (tasks, items, ...): noise is drawn for each task, also where tasks share their items."""
    tasks, items = batch.targets.shape[:2]
    inputs = tf.broadcast_to(batch.inputs, (tasks, *batch.inputs.shape[1:]))
    values = flat(inputs)
    if config.noise:
        values = tf.concat([values, normal(key, (tasks, items, config.noise), values.dtype)], axis=-1)
    for number in range(1, len(config.hidden) + 1):
        values = ACTIVATIONS[config.activation](layer(values, weights, f"hidden{number}"))
    return batch._replace(inputs=inputs + tf.reshape(layer(values, weights, "head"), inputs.shape))


def layer(values: tf.Tensor, weights: Tree, name: str) -> tf.Tensor:
    """(tasks, items, inputs) -> (tasks, items, outputs), with one kernel for all tasks."""
    return tf.matmul(values, weights[f"{name}.kernel"][tf.newaxis]) + weights[f"{name}.bias"]

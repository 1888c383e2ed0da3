"""Convolutional models: blocks of convolution, normalisation and nonlinearity on the task axis."""

from collections.abc import Callable

import tensorflow as tf

from metaspec.backend.layers import norm
from metaspec.backend.layers.conv import conv, max_pool
from metaspec.backend.layers.dense import flat
from metaspec.backend.layers.heads import linear_head
from metaspec.backend.records import Network, Tree
from metaspec.spec.convolution import Convolutional

# What a normalisation makes of (layer, values).
Normalise = Callable[[str, tf.Tensor], norm.Normalised]


def network(config: Convolutional, compiled: bool) -> Network:
    def features(params: Tree, inputs: tf.Tensor, weights: tf.Tensor | tuple[()] = ()) -> tf.Tensor:
        """Images (tasks, items, height, width, channels) in 0..1 -> (tasks, items, width)."""

        def normalise(layer: str, values: tf.Tensor) -> norm.Normalised:
            return normalised(config, params, layer, values, weights)

        return run(config, compiled, params, inputs, normalise)

    def statistics(params: Tree, inputs: tf.Tensor, weights: tf.Tensor | tuple[()] = ()) -> Tree:
        found: Tree = {}

        def record(layer: str, values: tf.Tensor) -> norm.Normalised:
            mean, variance = norm.moments(values, weights)
            found[f"{layer}.mean"], found[f"{layer}.variance"] = mean, variance
            return norm.batch(values, weights)

        run(config, compiled, params, inputs, record)
        return found

    return Network(features, linear_head, statistics if config.norm in ("running", "per_step") else None)


def run(config: Convolutional, compiled: bool, params: Tree, inputs: tf.Tensor, normalise: Normalise) -> tf.Tensor:
    """The features, with a given normalisation."""
    strided = config.downsample == "stride"
    values, passed = inputs, []
    for number in range(1, len(config.widths) + 1):
        layer = f"conv{number}"
        values = conv(values, params[f"{layer}.kernel"], 2 if strided else 1, compiled)
        values = values + per_channel(params[f"{layer}.bias"])
        if config.norm != "none":
            scale, shift = params[f"{layer}.scale"], params[f"{layer}.shift"]
            values = normalise(layer, values).scaled(per_channel(scale), per_channel(shift))
        values = tf.nn.relu(values) if config.slope == 0 else tf.maximum(values, config.slope * values)
        if config.context and layer == config.conditioned:
            values = conditioned(values, params)
        if not strided:
            values = max_pool(values)
        passed.append(values)
    ends = passed[-config.feature_blocks :]
    return tf.concat([tf.reduce_mean(end, axis=[2, 3]) if strided else flat(end) for end in ends], axis=-1)


def normalised(
    config: Convolutional, params: Tree, layer: str, values: tf.Tensor, weights: tf.Tensor | tuple[()]
) -> norm.Normalised:
    if config.norm == "layer":
        return norm.layer(values)
    if config.norm == "group":
        return norm.group(values, config.groups)
    if f"{layer}.mean" in params:
        return norm.kept(values, per_channel(params[f"{layer}.mean"]), per_channel(params[f"{layer}.variance"]))
    return norm.batch(values, weights)


def conditioned(values: tf.Tensor, params: Tree) -> tf.Tensor:
    """Channels scaled and shifted by a linear layer of the context (Perez et al. 2018)."""
    both = tf.matmul(params["context.inputs"][:, tf.newaxis], params["film.kernel"])[:, 0] + params["film.bias"]
    scale, shift = tf.split(both, 2, axis=-1)
    return values * (1.0 + per_channel(scale)) + per_channel(shift)


def per_channel(values: tf.Tensor) -> tf.Tensor:
    """(tasks, channels) -> (tasks, 1, 1, 1, channels)."""
    return values[:, tf.newaxis, tf.newaxis, tf.newaxis]

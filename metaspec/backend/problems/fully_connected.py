"""A small network, on normal rows that a random network of six layers labels."""

import numpy as np
import tensorflow as tf

from metaspec.backend.problems import Objective, Params
from metaspec.backend.problems.classifier import classifier_of, cut, head
from metaspec.kinds.problems.fully_connected import FullyConnected

DEPTH, WIDTH = 6, 20
ACTIVATIONS = {"sigmoid": tf.sigmoid, "relu": tf.nn.relu}


def functions(config: FullyConnected) -> Objective:
    nonlinearity = ACTIVATIONS[config.activation]

    def rows(draw: np.random.Generator, count: int):
        """Labels of a network without biases, every layer's weights N(0, 2 / features) as in the original."""
        inputs = draw.standard_normal((count, config.features))
        values = inputs
        for number in range(DEPTH):
            weights = draw.standard_normal((values.shape[1], WIDTH)) * np.sqrt(2 / config.features)
            values = (np.maximum(values, 0) if number else values) @ weights
        return inputs, cut(values[:, 0], config.balanced)

    def logit(params: Params, inputs: tf.Tensor) -> tf.Tensor:
        values = inputs
        for kernel, bias in zip(params[:-2:2], params[1:-2:2], strict=True):
            values = nonlinearity(tf.matmul(values, kernel) + bias[:, tf.newaxis])
        return head(values, *params[-2:])

    return classifier_of(config, rows, logit)

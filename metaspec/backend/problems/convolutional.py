"""A small network of convolutions, as products with patches, on normal images that a random filter labels."""

import numpy as np
import tensorflow as tf

from metaspec.backend.problems import Objective, Params
from metaspec.backend.problems.classifier import classifier_of, cut, head
from metaspec.backend.problems.starts import scaled
from metaspec.kinds.problems.convolutional import Convolutional

ACTIVATIONS = {"sigmoid": tf.sigmoid, "relu": tf.nn.relu}


def functions(config: Convolutional) -> Objective:
    nonlinearity = ACTIVATIONS[config.activation]
    shape = (config.size, config.size, config.channels)

    def rows(draw: np.random.Generator, count: int):
        images = draw.standard_normal((count, *shape))
        kernel = draw.standard_normal((config.kernel, config.kernel, config.channels))
        windows = np.lib.stride_tricks.sliding_window_view(images, (config.kernel,) * 2, axis=(1, 2))
        answers = np.maximum(np.einsum("nijckl,klc->nij", windows, kernel), 0).mean(axis=(1, 2))
        return images, cut(answers - (0 if config.balanced else answers.mean()), config.balanced)

    def convolved(images: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor) -> tf.Tensor:
        """(tasks, rows, height, width, channels): each task with filters of its own, stride 1, zeros around."""
        size, side = kernel.shape[1], config.size
        before = (size - 1) // 2
        after = size - 1 - before
        padded = tf.pad(images, [[0, 0], [0, 0], [before, after], [before, after], [0, 0]])
        pieces = [padded[:, :, i : i + side, j : j + side] for i in range(size) for j in range(size)]
        patches = tf.concat(pieces, axis=-1)
        flat = tf.reshape(patches, (patches.shape[0], -1, patches.shape[-1]))
        filters = tf.reshape(kernel, (kernel.shape[0], patches.shape[-1], kernel.shape[-1]))
        found = tf.matmul(flat, filters) + bias[:, tf.newaxis]
        return tf.reshape(found, (*patches.shape[:-1], kernel.shape[-1]))

    def logit(params: Params, inputs: tf.Tensor) -> tf.Tensor:
        values = inputs
        for kernel, bias in zip(params[:-2:2], params[1:-2:2], strict=True):
            values = nonlinearity(convolved(values, kernel, bias))
        return head(tf.reshape(values, (*values.shape[:2], -1)), *params[-2:])

    return classifier_of(config, rows, logit, scaled(0.01))

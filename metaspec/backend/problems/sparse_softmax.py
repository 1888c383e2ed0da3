"""Softmax regression on summed embeddings of integers, whose noisy parity is the label."""

import numpy as np
import tensorflow as tf

from metaspec.backend.problems import Objective, Params
from metaspec.backend.problems.classifier import classifier_of, head
from metaspec.kinds.problems.sparse_softmax import SparseSoftmax

TOKENS_OF_A_ROW = 5
FLIPPED = 0.25  # probability that a label is the other one


def functions(config: SparseSoftmax) -> Objective:
    def rows(draw: np.random.Generator, count: int):
        found = draw.integers(0, config.tokens, (count, TOKENS_OF_A_ROW))
        labels = (found.sum(axis=1) + (draw.random(count) < FLIPPED)) % 2
        # Integers travel as the other data do; they are exact far beyond any number of tokens.
        return found.astype(np.float64), labels

    def logit(params: Params, inputs: tf.Tensor) -> tf.Tensor:
        table, kernel, bias = params
        tokens = tf.cast(inputs, tf.int32)
        if config.one_hot:
            embedded = tf.matmul(tf.reduce_sum(tf.one_hot(tokens, config.tokens, dtype=table.dtype), axis=2), table)
        else:
            embedded = tf.reduce_sum(tf.gather(table, tokens, axis=1, batch_dims=1), axis=2)
        return head(embedded, kernel, bias)

    return classifier_of(config, rows, logit)

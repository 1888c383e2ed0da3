"""A small recurrent classifier, on normal sequences that a random fading memory labels."""

import numpy as np
import tensorflow as tf

from metaspec.backend.problems import Objective, Params
from metaspec.backend.problems.classifier import classifier_of, cut, head
from metaspec.kinds.problems.recurrent import Recurrent

KEPT = 0.8  # share of the labelling memory that each step of a sequence leaves


def functions(config: Recurrent) -> Objective:
    units = config.units

    def rows(draw: np.random.Generator, count: int):
        sequences = draw.standard_normal((count, config.length, config.features))
        first, second = draw.standard_normal((2, config.features))
        memory = np.zeros(count)
        for step in range(config.length):
            memory = KEPT * memory + np.tanh(sequences[:, step] @ first) * (sequences[:, step] @ second)
        return sequences, cut(memory, config.balanced)

    def affine(values: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor) -> tf.Tensor:
        return tf.matmul(values, kernel) + bias[:, tf.newaxis]

    def gru(params: Params, inputs: tf.Tensor, state: tuple[tf.Tensor, ...]) -> tuple[tf.Tensor, ...]:
        (hidden,) = state
        gates = tf.sigmoid(affine(tf.concat([inputs, hidden], axis=-1), *params[:2]))
        reset, update = gates[..., :units], gates[..., units:]
        proposed = tf.tanh(affine(tf.concat([inputs, reset * hidden], axis=-1), *params[2:4]))
        return (update * hidden + (1 - update) * proposed,)

    def lstm(params: Params, inputs: tf.Tensor, state: tuple[tf.Tensor, ...]) -> tuple[tf.Tensor, ...]:
        hidden, memory = state
        gates = affine(tf.concat([inputs, hidden], axis=-1), *params[:2])
        kept, entered, given, proposed = tf.split(gates, 4, axis=-1)
        memory = tf.sigmoid(kept) * memory + tf.sigmoid(entered) * tf.tanh(proposed)
        return tf.sigmoid(given) * tf.tanh(memory), memory

    step, states = {"gru": (gru, 1), "lstm": (lstm, 2)}[config.cell]

    def logit(params: Params, inputs: tf.Tensor) -> tf.Tensor:
        state = (tf.zeros((*inputs.shape[:2], units), inputs.dtype),) * states
        for number in range(config.length):
            state = step(params, inputs[:, :, number], state)
        return head(state[0], *params[-2:])

    return classifier_of(config, rows, logit)

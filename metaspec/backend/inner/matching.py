"""Class probabilities by attention over the support set (Vinyals et al. 2016, equation 1)."""

from typing import NamedTuple

import tensorflow as tf

from metaspec.backend.layers.heads import cosines, indicator
from metaspec.backend.records import Batch, InnerMethod, Problem, State, Tree
from metaspec.backend.settings import Settings
from metaspec.kinds.inner.matching import Matching

# A class without items has probability 0; its logarithm stays a number.
SMALLEST = 1e-12
# So far below all others a score has no attention.
FAR = 1e6


class Memory(NamedTuple):
    features: tf.Tensor
    members: tf.Tensor
    absent: tf.Tensor  # what is taken from the score of each item: FAR of an empty place, else 0


def method(config: Matching, problem: Problem) -> InnerMethod:
    def init(settings: Settings, support: Batch, params: Tree) -> State:
        members = indicator(support.targets, problem.outputs, support.inputs.dtype)
        weights = support.weights
        absent = tf.zeros((1, 1), members.dtype) if isinstance(weights, tuple) else (1.0 - weights) * FAR
        return State(params, Memory(support.inputs, members, absent), {})

    def step(settings: Settings, state: State, support: Batch, number) -> State:
        return state

    def predict(settings: Settings, state: State, features: tf.Tensor) -> tf.Tensor:
        scores = settings.number("scale") * cosines(features, state.memory.features)
        attention = tf.nn.softmax(scores - state.memory.absent[:, tf.newaxis])
        return tf.math.log(tf.maximum(tf.matmul(attention, state.memory.members), SMALLEST))

    return InnerMethod(init, step, predict)

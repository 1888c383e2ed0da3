"""Logits -scale * d(f(x), mean feature of the class) (Snell et al. 2017, equations 1 and 2)."""

import tensorflow as tf

from metaspec.backend.layers.heads import class_means, cosines, squared_distances
from metaspec.backend.records import Batch, InnerMethod, Problem, State, Tree
from metaspec.backend.settings import Settings
from metaspec.kinds.inner.prototypes import Prototypes


def method(config: Prototypes, problem: Problem) -> InnerMethod:
    def init(settings: Settings, support: Batch, params: Tree) -> State:
        return State(params, class_means(support.inputs, support.targets, problem.outputs, support.weights), {})

    def step(settings: Settings, state: State, support: Batch, number) -> State:
        return state

    def predict(settings: Settings, state: State, features: tf.Tensor) -> tf.Tensor:
        if config.distance == "cosine":
            return settings.number("scale") * (cosines(features, state.memory) - 1.0)
        return -settings.number("scale") * squared_distances(features, state.memory)

    return InnerMethod(init, step, predict)

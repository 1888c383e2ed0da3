"""n x_0^2 + sum x_{i+1}^2 / (x_i^2 + 1e-6)."""

import tensorflow as tf

from metaspec.backend.problems import Objective, Params, summed
from metaspec.backend.problems.starts import standard
from metaspec.backend.records import Tree
from metaspec.kinds.problems.dependency_chain import DependencyChain


def functions(config: DependencyChain) -> Objective:
    def loss(data: Tree, params: Params, rows) -> tf.Tensor:
        squares = tf.square(params[0])
        return config.size * squares[:, 0] + summed(squares[:, 1:] / (squares[:, :-1] + 1e-6))

    return Objective(lambda draw: {}, standard, loss, (config.noise,))

"""(sum (|W x - y| + 1e-6)^p)^(1 / p)."""

import tensorflow as tf

from metaspec.backend.problems import Objective, Params, summed
from metaspec.backend.problems.quadratic import remainder, system
from metaspec.backend.problems.starts import standard
from metaspec.backend.records import Tree
from metaspec.kinds.problems.norm import Norm


def functions(config: Norm) -> Objective:
    def loss(data: Tree, params: Params, rows) -> tf.Tensor:
        powers = tf.pow(tf.abs(remainder(data, params[0])) + 1e-6, config.power)
        return tf.pow(summed(powers), 1 / config.power)

    return Objective(system(config.size), standard, loss, (config.noise,), matrices=("w",))

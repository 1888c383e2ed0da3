"""0.5 * sum (A x)^2 with A = sqrt(diag(condition, 1)) R(angle)."""

from math import cos, sin, sqrt

import numpy as np
import tensorflow as tf

from metaspec.backend.problems import Objective, Params, summed
from metaspec.backend.problems.starts import standard
from metaspec.backend.records import Tree
from metaspec.kinds.problems.bowl import Bowl


def functions(config: Bowl) -> Objective:
    def data(draw):
        wide = sqrt(config.condition)
        turn = [[wide * cos(config.angle), -wide * sin(config.angle)], [sin(config.angle), cos(config.angle)]]
        return {"a": np.array(turn)}

    def loss(data: Tree, params: Params, rows) -> tf.Tensor:
        return 0.5 * summed(tf.square(tf.linalg.matvec(data["a"], params[0][..., 0])))

    return Objective(data, standard, loss, (config.noise,))

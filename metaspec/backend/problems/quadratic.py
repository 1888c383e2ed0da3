"""0.5 * sum (W x - y)^2."""

import numpy as np
import tensorflow as tf

from metaspec.backend.problems import Objective, Params, product, summed
from metaspec.backend.problems.starts import standard
from metaspec.backend.records import Tree
from metaspec.kinds.problems.quadratic import Quadratic


def system(size: int):
    """W and y with normal entries."""

    def data(draw: np.random.Generator) -> dict[str, np.ndarray]:
        return {"w": draw.standard_normal((size, size)), "y": draw.standard_normal((size,))}

    return data


def remainder(data: Tree, x: tf.Tensor) -> tf.Tensor:
    """W x - y, (tasks, size)."""
    return product(data["w"], x[..., 0]) - data["y"]


def functions(config: Quadratic) -> Objective:
    def loss(data: Tree, params: Params, rows) -> tf.Tensor:
        return 0.5 * summed(tf.square(remainder(data, params[0])))

    return Objective(system(config.size), standard, loss, (config.noise,), matrices=("w",))

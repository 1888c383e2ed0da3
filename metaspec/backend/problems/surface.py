"""Test functions of two variables, as functions of x and y, (tasks,) each."""

from math import e, pi

import numpy as np
import tensorflow as tf

from metaspec.backend.keys import fold, uniform
from metaspec.backend.problems import Objective, Params
from metaspec.backend.problems.starts import normals
from metaspec.backend.records import Tree
from metaspec.kinds.problems.surface import Surface


def rosenbrock(x, y):
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2


def ackley(x, y):
    far = -20 * tf.exp(-0.2 * tf.sqrt(0.5 * (x**2 + y**2)))
    return far - tf.exp(0.5 * (tf.cos(2 * pi * x) + tf.cos(2 * pi * y))) + e + 20


def beale(x, y):
    return (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2


def booth(x, y):
    return (x + 2 * y - 7) ** 2 + (2 * x + y - 5) ** 2


def branin(x, y):
    valley = y - 5.1 / (4 * pi**2) * x**2 + 5 / pi * x - 6
    return valley**2 + 10 * (1 - 1 / (8 * pi)) * tf.cos(x) + 10


def log_sum_exp(x, y):
    exponents = tf.stack([x + 3 * y - 0.1, x - 3 * y - 0.1, -x - 0.1, tf.zeros_like(x)])
    return tf.reduce_logsumexp(exponents, axis=0)


def matyas(x, y):
    return 0.26 * (x**2 + y**2) - 0.48 * x * y


def michalewicz(x, y):
    return 2 - (tf.sin(x) * tf.sin(x**2 / pi) ** 10 + tf.sin(y) * tf.sin(2 * y**2 / pi) ** 10)


def styblinski_tang(x, y):
    return 0.5 * (x**4 - 16 * x**2 + 5 * x + y**4 - 16 * y**2 + 5 * y) + 80


def saddle(x, y):
    return x**2 - y**2


# Each with the corners of the box it starts in; None stands for N(0, 1).
SURFACES = {
    "rosenbrock": (rosenbrock, ((-5.0, -5.0), (10.0, 10.0))),
    "ackley": (ackley, ((-32.768, -32.768), (32.768, 32.768))),
    "beale": (beale, ((-4.5, -4.5), (4.5, 4.5))),
    "booth": (booth, ((-10.0, -10.0), (10.0, 10.0))),
    "branin": (branin, ((-5.0, 0.0), (10.0, 15.0))),
    "log_sum_exp": (log_sum_exp, None),
    "matyas": (matyas, ((-10.0, -10.0), (10.0, 10.0))),
    "michalewicz": (michalewicz, ((0.0, 0.0), (pi, pi))),
    "styblinski_tang": (styblinski_tang, ((-5.0, -5.0), (5.0, 5.0))),
    "saddle": (saddle, None),
}
SAFE = 0.5  # where every function and its derivatives are finite


def functions(config: Surface) -> Objective:
    """All surfaces share one graph: which of them a task is on is data, and the others see a point of their own."""
    _, corners = SURFACES[config.function]

    def data(draw: np.random.Generator) -> dict[str, np.ndarray]:
        low, high = corners or ((0.0, 0.0), (0.0, 0.0))
        chosen = np.array([name == config.function for name in SURFACES], float)
        return {"chosen": chosen, "low": np.array(low), "high": np.array(high), "normal": np.array(float(not corners))}

    def start(data: Tree, key: tf.Tensor, shapes, dtype: tf.DType) -> Params:
        (shape,) = shapes
        inside = data["low"] + (data["high"] - data["low"]) * uniform(fold(key, 0), shape, dtype)
        return (tf.where(data["normal"][:, tf.newaxis] > 0, normals(fold(key, 1), shape, dtype), inside),)

    def loss(data: Tree, params: Params, rows) -> tf.Tensor:
        (z,) = params
        found = tf.zeros_like(z[:, 0])
        for number, (value, _) in enumerate(SURFACES.values()):
            here = data["chosen"][:, number] > 0
            point = tf.where(here[:, tf.newaxis], z, SAFE)
            found += tf.where(here, value(point[:, 0], point[:, 1]), 0)
        return found

    return Objective(data, start, loss, (config.noise,))

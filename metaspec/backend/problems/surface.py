"""Test functions of two variables, as functions of x and y, (tasks,) each."""

from math import e, pi

import tensorflow as tf

from metaspec.backend.problems import Objective, Params
from metaspec.backend.problems.starts import box, standard
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


SURFACES = {
    "rosenbrock": (rosenbrock, box((-5.0, -5.0), (10.0, 10.0))),
    "ackley": (ackley, box((-32.768, -32.768), (32.768, 32.768))),
    "beale": (beale, box((-4.5, -4.5), (4.5, 4.5))),
    "booth": (booth, box((-10.0, -10.0), (10.0, 10.0))),
    "branin": (branin, box((-5.0, 0.0), (10.0, 15.0))),
    "log_sum_exp": (log_sum_exp, standard),
    "matyas": (matyas, box((-10.0, -10.0), (10.0, 10.0))),
    "michalewicz": (michalewicz, box((0.0, 0.0), (pi, pi))),
    "styblinski_tang": (styblinski_tang, box((-5.0, -5.0), (5.0, 5.0))),
    "saddle": (saddle, standard),
}


def functions(config: Surface) -> Objective:
    value, start = SURFACES[config.function]

    def loss(data: Tree, params: Params, rows) -> tf.Tensor:
        (z,) = params
        return value(z[:, 0], z[:, 1])

    return Objective(lambda draw: {}, start, loss, (config.noise,))

"""log(f + 1e-6) - log(1e-6) of another problem."""

from math import log, sqrt

import tensorflow as tf

from metaspec.backend.problems import Objective, objective
from metaspec.backend.problems.starts import standard
from metaspec.kinds.problems.log_objective import LogObjective


def functions(config: LogObjective) -> Objective:
    inner = objective(config.of)

    def loss(data, params, rows) -> tf.Tensor:
        return tf.math.log(inner.loss(data, params, rows) + 1e-6) - log(1e-6)

    if config.faithful:
        return inner._replace(loss=loss, start=standard, noise=(config.noise,) * len(inner.noise), accuracy=None)
    return inner._replace(loss=loss, noise=joined(inner.noise, config.noise), accuracy=None)


def joined(noise: tuple[float, ...], more: float) -> tuple[float, ...]:
    """The deviation of the sum of two independent noises, for each tensor."""
    return tuple(sqrt(deviation**2 + more**2) for deviation in noise)

"""f(x / scale) of another problem; the noise of its gradient is divided by `scale` as the gradient is."""

from metaspec.backend.problems import Objective, Params, objective
from metaspec.backend.problems.log_objective import joined
from metaspec.backend.records import Tree
from metaspec.kinds.problems.rescale import Rescale


def functions(config: Rescale) -> Objective:
    inner, scale = objective(config.of), config.scale

    def shrunk(params: Params) -> Params:
        return tuple(value / scale for value in params)

    def loss(data: Tree, params: Params, rows):
        return inner.loss(data, shrunk(params), rows)

    def start(data: Tree, key, shapes, dtype) -> Params:
        return tuple(scale * value for value in inner.start(data, key, shapes, dtype))

    own = (0.0,) * len(inner.noise) if config.faithful else tuple(deviation / scale for deviation in inner.noise)
    accuracy = inner.accuracy and (lambda data, params: inner.accuracy(data, shrunk(params)))
    return inner._replace(loss=loss, start=start, noise=joined(own, config.noise), accuracy=accuracy)

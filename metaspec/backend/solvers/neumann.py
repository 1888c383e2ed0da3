"""scale * sum over k < terms of (1 - scale H)^k g (Lorraine et al. 2019, algorithm 3)."""

import tensorflow as tf

from metaspec.backend.records import Tree
from metaspec.backend.solvers import System
from metaspec.kinds.solvers.neumann import Neumann


def solve(config: Neumann, system: System) -> Tree:
    names = list(system.right)
    if config.scale is None:
        scale = [system.rate[name] for name in names]
    else:
        scale = [tf.constant(config.scale, system.right[name].dtype) for name in names]

    def body(number, term, total):
        image = system.product(dict(zip(names, term, strict=True)))
        term = [t - s * image[name] for t, s, name in zip(term, scale, names, strict=True)]
        return number + 1, term, [t + sum_ for t, sum_ in zip(term, total, strict=True)]

    values = [system.right[name] for name in names]
    _, _, total = tf.while_loop(
        lambda number, *_: number < config.terms - 1,
        body,
        (tf.constant(0), values, values),
        maximum_iterations=max(config.terms - 1, 1),
    )
    return {name: s * t for name, s, t in zip(names, scale, total, strict=True)}

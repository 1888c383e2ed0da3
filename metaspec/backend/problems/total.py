"""The sum of other problems, each over parameters of its own and all of its data."""

import numpy as np
import tensorflow as tf

from metaspec.backend.keys import fold
from metaspec.backend.problems import Objective, Params, objective
from metaspec.backend.problems.log_objective import joined
from metaspec.backend.records import Tree
from metaspec.kinds.problems.total import Total


def functions(config: Total) -> Objective:
    members = tuple(objective(problem) for problem in config.of)
    counts = [len(problem.parameters()) for problem in config.of]
    firsts = np.cumsum([0, *counts]).tolist()

    def parts(values: tuple) -> list[tuple]:
        return [tuple(values[first : first + count]) for first, count in zip(firsts, counts, strict=False)]

    def data(draw: np.random.Generator) -> dict[str, np.ndarray]:
        return {f"{number}/{name}": value for number, each in enumerate(members) for name, value in each.data(draw).items()}

    def loss(data: Tree, params: Params, rows) -> tf.Tensor:
        found = []
        for number, (member, own) in enumerate(zip(members, parts(params), strict=True)):
            prefix = f"{number}/"
            mine = {name.removeprefix(prefix): value for name, value in data.items() if name.startswith(prefix)}
            found.append(member.loss(mine, own, None))
        return tf.add_n(found)

    def start(key: tf.Tensor, shapes, dtype: tf.DType) -> Params:
        pairs = enumerate(zip(members, parts(shapes), strict=True))
        return tuple(value for number, (member, own) in pairs for value in member.start(fold(key, number), own, dtype))

    noise = tuple(0.0 if config.faithful else deviation for member in members for deviation in member.noise)
    return Objective(data, start, loss, joined(noise, config.noise))

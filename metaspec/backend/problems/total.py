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
        found = [each.data(draw) for each in members]
        return {f"{number}/{name}": value for number, own in enumerate(found) for name, value in own.items()}

    def own(data: Tree, number: int) -> Tree:
        prefix = f"{number}/"
        return {name.removeprefix(prefix): value for name, value in data.items() if name.startswith(prefix)}

    def loss(data: Tree, params: Params, rows) -> tf.Tensor:
        pairs = enumerate(zip(members, parts(params), strict=True))
        return tf.add_n([member.loss(own(data, number), mine, None) for number, (member, mine) in pairs])

    def start(data: Tree, key: tf.Tensor, shapes, dtype: tf.DType) -> Params:
        found = []
        for number, (member, mine) in enumerate(zip(members, parts(shapes), strict=True)):
            found += member.start(own(data, number), fold(key, number), mine, dtype)
        return tuple(found)

    noise = tuple(0.0 if config.faithful else deviation for member in members for deviation in member.noise)
    matrices = tuple(f"{number}/{name}" for number, member in enumerate(members) for name in member.matrices)
    return Objective(data, start, loss, joined(noise, config.noise), matrices=matrices)

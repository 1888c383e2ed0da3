"""sum (x * D)^2 over normal rows and their negatives."""

import numpy as np
import tensorflow as tf

from metaspec.backend.problems import Objective, Params, summed, taken
from metaspec.backend.problems.starts import standard
from metaspec.backend.records import Tree
from metaspec.kinds.problems.projection_quadratic import ProjectionQuadratic


def symmetric(rows: int, size: int):
    """Normal rows and their negatives."""

    def data(draw: np.random.Generator) -> dict[str, np.ndarray]:
        half = draw.standard_normal((-(-rows // 2), size))
        return {"rows": np.concatenate([half, -half])[:rows]}

    return data


def functions(config: ProjectionQuadratic) -> Objective:
    def loss(data: Tree, params: Params, rows: tf.Tensor | None) -> tf.Tensor:
        return summed(tf.square(params[0] * taken(data["rows"], rows)))

    batch = min(config.batch, config.rows)
    return Objective(symmetric(config.rows, config.size), standard, loss, (config.noise,), config.rows, batch)

"""What the classifiers share: binary cross-entropy of logit 0, their regulariser, their rows and labels."""

from collections.abc import Callable

import numpy as np
import tensorflow as tf

from metaspec.backend.problems import Objective, Params, product, summed, taken
from metaspec.backend.problems.starts import Start, classifier
from metaspec.backend.records import Tree
from metaspec.spec.problem import Classifier

# Rows for the accuracy, as a share of those that are learned from.
HELD_OUT = 0.2
REGULARISER = 1e-3

Logit = Callable[[Params, tf.Tensor], tf.Tensor]  # (params, inputs (tasks, rows, ...)) -> (tasks, rows)
Draw = Callable[[np.random.Generator, int], tuple[np.ndarray, np.ndarray]]  # rows -> inputs, labels of 0 and 1


def classifier_of(
    config: Classifier, draw_rows: Draw, logit: Logit, start: Start = classifier, matrices: tuple[str, ...] = ()
) -> Objective:
    """The objective of a classifier. A step's rows share one order over all tasks, each of which has data of its own."""

    def data(draw: np.random.Generator) -> dict[str, np.ndarray]:
        held_out = max(1, round(HELD_OUT * config.rows))
        inputs, labels = draw_rows(draw, config.rows + held_out)
        known = config.rows
        return {
            "inputs": inputs[:known],
            "labels": labels[:known].astype(np.float64),
            "test_inputs": inputs[known:],
            "test_labels": labels[known:].astype(np.float64),
        }

    def loss(data: Tree, params: Params, rows: tf.Tensor | None) -> tf.Tensor:
        alone = data["inputs"].shape.rank == data["labels"].shape.rank  # see `product`
        found = logit(params, taken(data["inputs"], rows, axis=0 if alone else 1))
        crossed = tf.nn.softplus(found) - found * taken(data["labels"], rows)
        squares = tf.add_n([summed(tf.square(value)) for value in params])
        return tf.reduce_mean(crossed, axis=1) + REGULARISER / len(params) * squares

    def accuracy(data: Tree, params: Params) -> tf.Tensor:
        said = logit(params, data["test_inputs"]) > 0
        return tf.reduce_mean(tf.cast(said == (data["test_labels"] > 0.5), params[0].dtype), axis=1)

    noise = (config.noise,) * len(config.parameters())
    return Objective(data, start, loss, noise, config.rows, min(config.batch, config.rows), 0.0, accuracy, matrices)


def head(features: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor) -> tf.Tensor:
    """Logit 0 of an affine layer. The other logit is never computed: nothing is read from it."""
    return product(features, kernel[..., 0]) + bias[:, tf.newaxis, 0]


def cut(scores: np.ndarray, balanced: bool) -> np.ndarray:
    """Labels of scores: above their median, or above 0."""
    return scores > (np.median(scores) if balanced else 0.0)

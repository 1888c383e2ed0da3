"""Node j is the sum over i < j of an operation on node i, or of a weighted mixture of operations."""

import tensorflow as tf

from metaspec.backend.layers.dense import dense, flat
from metaspec.backend.layers.heads import linear_head
from metaspec.backend.learned_kinds import OPERATIONS
from metaspec.backend.models.mlp import ACTIVATIONS
from metaspec.backend.records import Network, Tree
from metaspec.kinds.models.cell import Cell
from metaspec.spec.values import Learned


def build(config: Cell, compiled: bool) -> Network:
    mixed = isinstance(config.architecture, Learned)

    def applied(params: Tree, operation: str, place: int, values: tf.Tensor) -> tf.Tensor:
        if operation == "zero":
            return tf.zeros_like(values)
        if operation == "identity":
            return values
        layer = f"place{place}_{operation}"
        return ACTIVATIONS[operation](dense(values, params[f"{layer}.kernel"], params[f"{layer}.bias"]))

    def at(params: Tree, place: int, values: tf.Tensor) -> tf.Tensor:
        found = [applied(params, operation, place, values) for operation in config.chosen.at(place)]
        if not mixed:
            return found[0]
        shares = params[OPERATIONS][:, place]  # (tasks, operations)
        return tf.add_n([shares[:, number, tf.newaxis, tf.newaxis] * each for number, each in enumerate(found)])

    def features(params: Tree, inputs: tf.Tensor, weights: tf.Tensor | tuple[()] = ()) -> tf.Tensor:
        """(tasks, items, ...) -> (tasks, items, width)."""
        nodes, place = [dense(flat(inputs), params["inputs.kernel"], params["inputs.bias"])], 0
        for _ in range(config.nodes):
            terms = []
            for node in list(nodes):
                terms.append(at(params, place, node))
                place += 1
            nodes.append(tf.add_n(terms))
        return tf.add_n(nodes[1:]) / config.nodes

    return Network(features, linear_head)

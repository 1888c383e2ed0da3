"""Layers of long short-term memory over the characters of a piece, one step written out after the other."""

import tensorflow as tf

from metaspec.backend.layers.dense import dense
from metaspec.backend.records import Network, Tree
from metaspec.kinds.models.lstm import Lstm

FORGET = 1.0  # added to the forget gate's bias (Jozefowicz et al. 2015, section 4)


def build(config: Lstm, compiled: bool) -> Network:
    def features(params: Tree, inputs: tf.Tensor, weights: tf.Tensor | tuple[()] = ()) -> tf.Tensor:
        """Numbers of characters (tasks, pieces, length) -> states (tasks, pieces, length, units).

        A character's vector is a row of the embedding; it goes through a product with its indicator, which
        differentiates twice.
        """
        table = params["embedding.kernel"]
        pieces, length = inputs.shape[1:]
        tasks = table.shape[0]
        shown = tf.broadcast_to(inputs, (tasks, pieces, length))
        seen = tf.one_hot(shown, table.shape[1], dtype=table.dtype)
        values = tf.reshape(seen, (tasks, pieces * length, -1)) @ table
        for number in range(1, config.layers + 1):
            kernel, bias = params[f"lstm{number}.kernel"], params[f"lstm{number}.bias"]
            width = kernel.shape[1] - config.units
            # What enters the gates from below is one product for all characters.
            entered = tf.reshape(dense(values, kernel[:, :width], bias), (tasks, pieces, length, -1))
            values = tf.reshape(layer(entered, kernel[:, width:], config.units), (tasks, pieces * length, config.units))
        return tf.reshape(values, (tasks, pieces, length, config.units))

    def head(params: Tree, states: tf.Tensor) -> tf.Tensor:
        """(tasks, pieces, length, units) -> logits (tasks, pieces, length, characters)."""
        tasks, pieces, length, units = states.shape
        logits = dense(tf.reshape(states, (tasks, pieces * length, units)), params["head.kernel"], params["head.bias"])
        return tf.reshape(logits, (tasks, pieces, length, -1))

    return Network(features, head)


def layer(entered: tf.Tensor, kernel: tf.Tensor, units: int) -> tf.Tensor:
    """Gates from below (tasks, pieces, length, 4 units), kernel (tasks, units, 4 units) -> (tasks, pieces, length, units)."""
    tasks, pieces, length, _ = entered.shape
    hidden = memory = tf.zeros((tasks, pieces, units), entered.dtype)
    states = []
    for number in range(length):
        put, kept, given, proposed = tf.split(entered[:, :, number] + hidden @ kernel, 4, axis=-1)
        memory = tf.sigmoid(kept + FORGET) * memory + tf.sigmoid(put) * tf.tanh(proposed)
        hidden = tf.sigmoid(given) * tf.tanh(memory)
        states.append(hidden)
    return tf.stack(states, axis=2)

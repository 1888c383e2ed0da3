"""A learned model on a task of the user's own: adapted to its labelled items once, then asked as often as wanted."""

import numpy as np
import tensorflow as tf

from metaspec.backend import compile as graphs
from metaspec.backend import keys, prediction
from metaspec.backend.arrays import Arrays, unpacked
from metaspec.backend.records import Batch, Episode, State
from metaspec.plan.model import Plan


class Adaptation:
    """The graphs of a plan with the meta-parameters that it has learned; one task at a time, without XLA.

    What is not learned and drawn at random is drawn from the run's seed, the same for every task.
    """

    def __init__(self, plan: Plan, meta: Arrays) -> None:
        alone = plan.execution.model_copy(update={"compiled": False})
        self.plan = plan.model_copy(update={"execution": alone})
        self.parts = graphs.parts(self.plan)
        self.meta, _ = unpacked(meta)
        self.key = keys.stream(plan.spec.train.seed, "adaptation")
        self.adapted = tf.function(self._adapted, autograph=False)
        self.together = tf.function(self._outputs(alone=False), autograph=False)
        self.one_by_one = tf.function(self._outputs(alone=True), autograph=False)

    def support(self, items: np.ndarray, targets: np.ndarray, weights: np.ndarray | None) -> Batch:
        """items (items, ...), targets (items, ...), weights (items,) or None, as the only task of a batch."""
        kept = () if weights is None else tf.constant(weights[None], self.parts.dtype)
        return Batch(tf.constant(items[None]), tf.constant(targets[None]), kept)

    def adapt(self, support: Batch, steps: int) -> State:
        """The state after so many inner steps."""
        return self.adapted(self.meta, support, tf.constant(steps))

    def outputs(self, support: Batch, state: State, items: np.ndarray, steps: int, alone: bool) -> np.ndarray:
        """What the model says of items (items, ...) after the inner steps: (items, outputs).

        alone: each item beside the support items only, for a model whose items depend on each other.
        """
        asked = self.one_by_one if alone else self.together
        return asked(self.meta, support, state, tf.constant(items[None]), tf.constant(steps))[0].numpy()

    def _episode(self, support: Batch, items: tf.Tensor) -> Episode:
        """Targets of the query items are never looked at; they have the form of the support's."""
        targets = tf.zeros((1, items.shape[1], *support.targets.shape[2:]), support.targets.dtype)
        return graphs.arranged(Episode(support, Batch(items, targets)), self.parts)

    def _adapted(self, meta, support: Batch, steps: tf.Tensor) -> State:
        learning = self.parts.learning
        episode = self._episode(support, support.inputs[:, :1])
        start = prediction.begin(learning, meta, episode, self.key, alone=False)
        method = learning.method(1)
        own = start.episode.support

        def body(number: tf.Tensor, state: State):
            return number + 1, method.step(start.settings, state, own, number)

        loop = (tf.constant(0), method.init(start.settings, own, start.params))
        return tf.while_loop(lambda number, _: number < steps, body, loop)[1]

    def _outputs(self, alone: bool):
        learning = self.parts.learning

        def outputs(meta, support: Batch, state: State, items: tf.Tensor, steps: tf.Tensor) -> tf.Tensor:
            start = prediction.begin(learning, meta, self._episode(support, items), self.key, alone)
            seen = prediction.at_step(meta, state, steps)
            return prediction.outputs(learning, learning.method(1), start, seen, alone)

        return outputs

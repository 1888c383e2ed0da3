"""Weights of the query loss after each inner step."""

from typing import NamedTuple

import tensorflow as tf

# What a step but the last keeps of its share until the last one stands alone, as the authors' code has it.
FLOOR = 0.03


class Annealed(NamedTuple):
    """Weights that go from all steps to the last one over the first meta-iterations (Antoniou et al. 2019, section 4).

    At meta-iteration t of `iterations`, a step but the last weighs max(1 - t / iterations, FLOOR) / steps, and the last
    one what is left of 1. From `iterations` on the last one alone counts.
    """

    steps: int
    iterations: int

    def at(self, iteration: tf.Tensor | int, dtype: tf.DType) -> list[tf.Tensor]:
        """One weight for each inner step, from the first to the last; they add up to 1."""
        passed = tf.cast(iteration, dtype) / max(self.iterations, 1)
        share = tf.where(passed < 1, tf.maximum(1 - passed, FLOOR), 0) / self.steps
        return [share] * (self.steps - 1) + [1 - (self.steps - 1) * share]


Weights = tuple[float, ...] | Annealed


def of_steps(weights: Weights | None, iteration: tf.Tensor | int, dtype: tf.DType):
    """The weights of a meta-iteration: numbers, tensors, or None where the last step alone counts."""
    return weights.at(iteration, dtype) if isinstance(weights, Annealed) else weights

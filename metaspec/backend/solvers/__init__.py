"""Solvers of H v = g: `solve(config, problem) -> v`, H being known by its products with vectors alone."""

from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf

from metaspec.backend.records import Batch, State, Tree
from metaspec.backend.settings import Settings

Product = Callable[[Tree], Tree]
Residual = Callable[[Settings, State, Batch], Tree]


class System(NamedTuple):
    """One symmetric linear system for each task: the product of its matrix with a tree, and the right-hand side.

    `rate` is the inner step size at each parameter, where the inner method has one.
    """

    product: Product
    right: Tree
    rate: Tree | None


def hessian_product(
    residual: Residual, settings: Settings, state: State, support: Batch, adapted: tuple[str, ...]
) -> Product:
    """v -> H v for the Hessian of the inner loss at `state`: its gradient, the residual, pulled back (H is symmetric)."""

    def product(direction: Tree) -> Tree:
        own = {name: state.params[name] for name in adapted}
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(own)
            slopes = residual(settings, state._replace(params={**state.params, **own}), support)
        seeds = {name: direction[name] for name in slopes}
        return tape.gradient(slopes, own, seeds, unconnected_gradients=tf.UnconnectedGradients.ZERO)

    return product

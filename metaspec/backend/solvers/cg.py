"""Conjugate gradients (Hestenes and Stiefel 1952), for each task by itself."""

import tensorflow as tf

from metaspec.backend.records import Tree
from metaspec.backend.solvers import Product, System
from metaspec.backend.trees import dot, masked, norms, per_task, plus
from metaspec.kinds.solvers.cg import Cg


def solve(config: Cg, system: System) -> Tree:
    return conjugate_gradients(
        system.product, system.right, config.iterations, config.damping, config.tolerance, indefinite=False
    )


def conjugate_gradients(
    product: Product, right: Tree, iterations: int, damping: float, tolerance: float, indefinite: bool
) -> Tree:
    """The solution of (H + damping) v = right, begun at zero.

    A task stops when its residual has fallen to `tolerance` times the right-hand side's norm. With `indefinite` it
    stops, too, before a direction of negative curvature (Steihaug 1983); the first of them is then the right-hand side.
    """
    names = list(right)
    goal = tolerance * norms(right)

    def body(number, solution, residual, direction, square, active):
        image = product(dict(zip(names, direction, strict=True)))
        image = {name: image[name] + damping * d for name, d in zip(names, direction, strict=True)}
        direction = dict(zip(names, direction, strict=True))
        solution, residual = (dict(zip(names, value, strict=True)) for value in (solution, residual))
        curvature = dot(direction, image)
        bent = curvature <= 0
        going = active & ~bent
        share = tf.where(going, square / tf.where(going, curvature, tf.ones_like(curvature)), tf.zeros_like(square))
        found = plus(solution, share, direction)
        if indefinite:
            first = tf.fill(tf.shape(bent), number == 0)
            found = masked(active & bent & first, right, found)
        left = plus(residual, -share, image)
        shrunk = dot(left, left)
        ratio = tf.where(going, shrunk / tf.where(square > 0, square, tf.ones_like(square)), tf.zeros_like(square))
        direction = {name: left[name] + per_task(ratio, left[name]) * direction[name] for name in names}
        active = going & (tf.sqrt(shrunk) > goal)
        return number + 1, *([tree[name] for name in names] for tree in (found, left, direction)), shrunk, active

    values = [right[name] for name in names]
    square = dot(right, right)
    loop = (tf.constant(0), [tf.zeros_like(value) for value in values], values, values, square, square > 0)
    _, solution, *_ = tf.while_loop(
        lambda number, *rest: (number < iterations) & tf.reduce_any(rest[-1]), body, loop, maximum_iterations=iterations
    )
    return dict(zip(names, solution, strict=True))

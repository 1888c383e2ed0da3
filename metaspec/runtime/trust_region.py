"""The outer step of a trust region: conjugate gradients and a line search, whose products and values the shards compute.

Every round sends one request to each shard and adds the answers in the order of the shards, so the bits do not depend on
who computes them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import sqrt

import numpy as np

from metaspec.plan.model import Shard
from metaspec.runtime.arrays import Arrays, add
from metaspec.runtime.engine import Failure, failed
from metaspec.runtime.protocol import Broadcast, Request
from metaspec.runtime.session import Row, Session

Product = Callable[[np.ndarray], np.ndarray]


def step(
    session: Session, meta: Broadcast, shards: Sequence[Shard], gradient: Arrays, iteration: int
) -> tuple[Arrays, Row]:
    """What is subtracted from the meta-parameters, and what is reported of the search.

    gradient: of the loss, in any scale. Raises RunError where a shard fails at every attempt.
    """
    outer = session.plan.spec.outer
    tasks = sum(shard.count for shard in shards)
    slope = _flat(gradient) / session.plan.tasks_per_update

    def ask(method: str, other: Arrays, what: str) -> Arrays:
        total: Arrays = {}
        for answer in session.engine.map([_request(method, shard, other, meta, iteration, what) for shard in shards]):
            if isinstance(answer, Failure):
                raise failed(answer)
            total = add(total, answer)
        return total

    def product(vector: np.ndarray) -> np.ndarray:
        found = ask("curvature", _shaped(vector, gradient), "a product with the curvature")
        return _flat(found) / tasks + outer.damping * vector

    direction = conjugate_gradients(product, slope, outer.cg_iterations)
    curved = float(direction @ product(direction))
    length = sqrt(2 * outer.delta / curved) if curved > 0 else 0.0
    for number in range(outer.backtracks + 1 if length else 0):
        scale = outer.shrink**number
        moved = _shaped(scale * length * direction, gradient)
        candidate = {name: meta.arrays[name] - value for name, value in moved.items()}
        found = ask("compare", candidate, "a comparison of the surrogate")
        change, apart = (float(found[name]) / tasks for name in ("change", "divergence"))
        if change < 0 and apart <= outer.delta:
            return moved, {"divergence": apart, "improvement": -change, "shrunk": scale}
    return _shaped(np.zeros_like(slope), gradient), {"divergence": 0.0, "improvement": 0.0, "shrunk": 0.0}


def conjugate_gradients(product: Product, right: np.ndarray, iterations: int) -> np.ndarray:
    """The solution of product(x) = right, or where it is after so many iterations (Hestenes and Stiefel 1952)."""
    found, rest = np.zeros_like(right), right.copy()
    direction, size = rest.copy(), float(rest @ rest)
    begun = size
    for _ in range(iterations):
        if size <= 1e-20 * begun or size == 0.0:
            break
        curved = product(direction)
        share = size / float(direction @ curved)
        found, rest = found + share * direction, rest - share * curved
        after = float(rest @ rest)
        direction, size = rest + after / size * direction, after
    return found


def _request(method: str, shard: Shard, other: Arrays, meta: Broadcast, iteration: int, what: str) -> Request:
    return Request(
        method, (iteration, shard, other), f"{what} in shard {shard.index} of meta-iteration {iteration + 1}", meta
    )


def _flat(arrays: Arrays) -> np.ndarray:
    return np.concatenate([np.asarray(value, np.float64).ravel() for value in arrays.values()])


def _shaped(vector: np.ndarray, like: Arrays) -> Arrays:
    ends = np.cumsum([value.size for value in like.values()])[:-1]
    parts = zip(like.items(), np.split(vector, ends), strict=True)
    return {name: part.reshape(value.shape).astype(value.dtype) for (name, value), part in parts}

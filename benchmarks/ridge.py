"""Ridge regression by gradient descent: a problem whose meta-gradient is known in closed form.

With A = 2 X^T X / n and b = 2 X^T y / n of the support set, the inner loop w <- w - lr ((A + l2) w - b) begins at
zero. Its derivative with respect to log l2 follows the same recursion, and that of the minimum is -l2 (A + l2)^-1 w.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from metaspec.kinds import registry
from metaspec.plan import Plan, make
from metaspec.spec.blocks import Evaluate, Train
from metaspec.spec.spec import Spec
from metaspec.spec.values import Learned

RATE, L2, NAME = 0.05, 0.5, "inner.l2"


@dataclass(frozen=True)
class Answer:
    """d loss / d log l2 of the query loss after the last step, of its mean over the steps, and at the minimum."""

    final: float
    mean: float
    minimum: float


def answer(support: tuple[np.ndarray, np.ndarray], query: tuple[np.ndarray, np.ndarray], steps: int) -> Answer:
    """Inputs (points, 1) and targets (points, 1); a column of ones is added for the bias."""
    (x, y), (held_x, held_y) = (with_bias(*support), with_bias(*query))
    matrix = 2 * x.T @ x / len(x) + L2 * np.eye(x.shape[1])
    right = 2 * x.T @ y / len(x)

    def slope(w: np.ndarray, dw: np.ndarray) -> float:
        return float(2 * np.mean((held_x @ w - held_y) * (held_x @ dw)))

    w, dw, slopes = np.zeros_like(right), np.zeros_like(right), []
    for _ in range(steps):
        w, dw = w - RATE * (matrix @ w - right), dw - RATE * (matrix @ dw + L2 * w)
        slopes.append(slope(w, dw))
    best = np.linalg.solve(matrix, right)
    return Answer(slopes[-1], float(np.mean(slopes)), slope(best, -L2 * np.linalg.solve(matrix, best)))


def with_bias(inputs: np.ndarray, targets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.concatenate([inputs, np.ones_like(inputs)], axis=1), targets


def plan(metagrad: str, steps: int, objective: str, points: int = 20, tolerance: float = 0.0, **fields) -> Plan:
    """One task of `points` support and query points each, in float64, with the logarithm of l2 learned."""

    def kind(category: str, name: str, **given):
        return registry.load(category, name)(**given)

    return make(
        Spec(
            language=1,
            tasks={"line": kind("tasks", "sinusoid", shots=points, queries=points, noise=0.3)},
            models={"net": kind("models", "linear")},
            inner=kind(
                "inner",
                "sgd",
                init="zeros",
                steps=steps,
                lr=RATE,
                tolerance=tolerance,
                l2=Learned(start=L2, scale="log", name=NAME),
            ),
            metagrad=kind("metagrads", metagrad, **fields),
            outer=kind("outers", "sgd"),
            schedule=kind("schedules", "inline"),
            train=Train(iterations=1, tasks=1, precision="float64", objective=objective),
            evaluate=Evaluate(tasks=1),
        )
    )

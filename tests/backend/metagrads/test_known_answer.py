"""Every meta-gradient against the closed form of ridge regression."""

import numpy as np
import pytest
import tensorflow as tf

from benchmarks.ridge import NAME, answer, plan
from metaspec.backend.program import Program
from metaspec.kinds import registry
from tests.backend.differences import plain


def found(metagrad: str, steps: int, objective: str, **fields) -> tuple[float, object]:
    """The estimate, and the closed form for the same task."""
    program = Program(plain(plan(metagrad, steps, objective, **fields)))
    shard = program.plan.execution.shards[0]
    episode = program.episode("train", 0, shard)
    state = program.start()
    if program.plan.execution.mode == "stretches":
        slopes = program.graphs["gradient"](
            {NAME: state[f"meta/{NAME}"]}, episode, program.key("initial/train", 0, shard), tf.constant(0)
        )[0][NAME]
    else:
        slopes = program.gradient(state, 0, shard)[0][f"meta/{NAME}"]
    support, query = ((batch.inputs[0].numpy(), batch.targets[0].numpy()) for batch in episode)
    return float(slopes), answer(support, query, steps)


@pytest.mark.parametrize("steps", [10, pytest.param(100, marks=pytest.mark.slow)])
@pytest.mark.parametrize(("metagrad", "fields"), [("unroll", {}), ("unroll", {"checkpoint": "sqrt"}), ("forward", {})])
def test_exact_for_any_number_of_steps(metagrad, fields, steps):
    for objective in ("final", "mean"):
        estimate, exact = found(metagrad, steps, objective, **fields)
        assert estimate == pytest.approx(getattr(exact, objective), rel=1e-9)


def test_implicit_is_exact_at_the_minimum():
    solver = registry.load("solvers", "cg")(iterations=10)
    estimate, exact = found("implicit", 500, "final", solver=solver)
    assert estimate == pytest.approx(exact.minimum, rel=1e-6)
    assert exact.minimum == pytest.approx(exact.final, rel=1e-9)


def test_the_closed_form_is_the_slope_of_the_loss():
    """The oracle itself, by differences of a minimum found with a solver."""
    draw = np.random.default_rng(0)
    sets = [(draw.standard_normal((20, 1)), draw.standard_normal((20, 1))) for _ in range(2)]

    def loss(log_l2: float) -> float:
        x, y = np.concatenate([sets[0][0], np.ones((20, 1))], axis=1), sets[0][1]
        w = np.linalg.solve(2 * x.T @ x / 20 + np.exp(log_l2) * np.eye(2), 2 * x.T @ y / 20)
        return float(np.mean((np.concatenate([sets[1][0], np.ones((20, 1))], axis=1) @ w - sets[1][1]) ** 2))

    slope = (loss(np.log(0.5) + 1e-5) - loss(np.log(0.5) - 1e-5)) / 2e-5
    assert answer(*sets, 2000).minimum == pytest.approx(slope, rel=1e-6)
    assert answer(*sets, 2000).final == pytest.approx(slope, rel=1e-6)

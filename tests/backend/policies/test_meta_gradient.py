"""The meta-gradient of adaptation by policy gradients, held against quadrature."""

import numpy as np
import pytest
import tensorflow as tf

from metaspec.backend.keys import fold, stream
from tests.backend.policies.plane import KEYS, exact_gradient, meta, program

TASKS, DRAWS = 8_000, 20
TOYS = {
    "baseline": {"horizon": 1, "shots": 2, "steps": 1, "lr": 0.1},
    "time": {"horizon": 2, "shots": 1, "steps": 1, "lr": 0.01},
    "two steps": {"horizon": 1, "shots": 1, "steps": 2, "lr": 0.01},
}


def estimates(**options) -> dict[str, np.ndarray]:
    """Independent estimates of the meta-gradient of a task, (DRAWS, *shape), each a mean over TASKS tasks."""
    made = program(**options, compiled=False)
    functions = made.tasks["plane"]
    values = {key: tf.constant(meta()[f"meta/{key}"]) for key in KEYS}

    @tf.function
    def estimate(key: tf.Tensor):
        return made.parts.meta_gradient(values, functions.sample(key, TASKS), key, 0)[0]

    found = [estimate(fold(stream(5, "toy"), number)) for number in range(DRAWS)]
    return {key: np.stack([each[key] for each in found]) / TASKS for key in KEYS}


def deviations(found: dict[str, np.ndarray], exact: dict[str, np.ndarray]) -> float:
    """The largest distance of a mean estimate to the exact value, in standard errors; entries that cannot move left out."""
    worst = 0.0
    for key in KEYS:
        error = found[key].std(axis=0, ddof=1) / np.sqrt(DRAWS)
        distance = np.abs(found[key].mean(axis=0) - exact[key])
        assert np.all(distance[error == 0] < 1e-8)
        worst = max(worst, float(np.max(distance[error > 0] / error[error > 0], initial=0.0)))
    return worst


@pytest.mark.parametrize(
    "toy",
    [pytest.param(toy, id=name, marks=() if name == "time" else pytest.mark.slow) for name, toy in TOYS.items()],
)
def test_counted_is_unbiased_and_ignored_is_not(toy):
    exact = exact_gradient(**toy)
    assert deviations(estimates(**toy), exact) < 4.0
    assert deviations(estimates(**toy, sampling="ignored"), exact) > 8.0

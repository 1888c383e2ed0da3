"""Products with the curvature and comparisons of the surrogate, held against differences of each other."""

import numpy as np
import pytest

from metaspec.backend.arrays import Arrays
from metaspec.backend.program import Program
from tests.backend.policies.plane import meta, program

SHAPES = [
    pytest.param({"horizon": 2, "shots": 3, "steps": 1}, id="counted"),
    pytest.param({"horizon": 2, "shots": 3, "steps": 2, "sampling": "ignored"}, id="ignored", marks=pytest.mark.slow),
]
DIRECTION = {
    "meta/inner.init/head.kernel": np.array([[0.3, -0.7], [0.2, 0.5]]),
    "meta/inner.init/head.bias": np.array([0.4, 0.9]),
    "meta/inner.init/log_deviation.bias": np.array([-0.6, 0.3]),
}


@pytest.fixture(scope="module", params=SHAPES)
def toy(request) -> Program:
    return program(**request.param, outer="trpo {}", compiled=False)


def moved(size: float) -> Arrays:
    return {key: value + size * DIRECTION[key] for key, value in meta().items()}


def along(arrays: Arrays) -> float:
    return sum(float(np.sum(arrays[key] * DIRECTION[key])) for key in DIRECTION)


def test_surrogate_has_the_meta_gradient(toy: Program):
    shard = toy.plan.execution.shards[0]
    gradient, _, _ = toy.gradient(meta(), 0, shard)
    ends = [toy.compare(meta(), 0, shard, moved(size))["change"] for size in (1e-5, -1e-5)]
    assert (ends[0] - ends[1]) / 2e-5 == pytest.approx(along(gradient), rel=1e-5)
    assert abs(along(gradient)) > 1e-3


def test_curvature_is_that_of_the_divergence(toy: Program):
    shard = toy.plan.execution.shards[0]
    product = toy.curvature(meta(), 0, shard, DIRECTION)
    apart = [toy.compare(meta(), 0, shard, moved(size))["divergence"] for size in (1e-3, -1e-3)]
    assert toy.compare(meta(), 0, shard, meta())["divergence"] == pytest.approx(0.0, abs=1e-12)
    assert (apart[0] + apart[1]) / 1e-6 == pytest.approx(along(product), rel=1e-4)
    assert along(product) > 0.1

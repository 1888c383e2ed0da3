"""The outer step of a trust region: its equations, its bound in a run, and that it does not depend on who computes."""

import json
from pathlib import Path

import numpy as np
import pytest

import metaspec
from metaspec.runtime import driver
from metaspec.runtime.result import Result
from metaspec.runtime.trust_region import conjugate_gradients

SPEC = """
language 1
task plane = navigation { horizon = 4, shots = 8, queries = 8 }
model policy = mlp { hidden = [8] }
inner = policy_gradient { init = learned(glorot_uniform) }
metagrad = unroll {}
outer = trpo { delta = 0.003, cg_iterations = 5 }
train { tasks = 4, iterations = 3, seed = 2 }
evaluate { tasks = 4 }
schedule = inline
"""


def test_conjugate_gradients_solve():
    draw = np.random.default_rng(0)
    root = draw.standard_normal((6, 6))
    matrix, right = root @ root.T + np.eye(6), draw.standard_normal(6)
    found = conjugate_gradients(lambda vector: matrix @ vector, right, 6)
    assert found == pytest.approx(np.linalg.solve(matrix, right), rel=1e-8)


def run(folder: Path, schedule: str, text: str = SPEC, **options) -> Result:
    path = folder / "region.meta"
    path.write_text(text)
    plan = metaspec.plan(path, {"schedule": schedule})
    # Without XLA, whose compilation of four graphs would take longer than the run.
    execution = plan.execution.model_copy(update={"compiled": False})
    return driver.run(plan.model_copy(update={"execution": execution}), folder / schedule[:4], **options)


def test_steps_keep_to_the_bound_and_improve(tmp_path: Path):
    run(tmp_path, "inline")
    rows = [json.loads(line) for line in (tmp_path / "inli" / "metrics.jsonl").read_text().splitlines()]
    steps = [row for row in rows if "divergence" in row]
    assert len(steps) == 3
    for row in steps:
        assert 0.0 < row["divergence"] <= 0.003
        assert row["improvement"] > 0.0
    # A step is as long as the bound lets it be: the line search begins where the quadratic model ends.
    assert max(row["divergence"] for row in steps) > 0.0015


def poisoned(plan, cache):
    """A program whose shard 1 fails in meta-iteration 1 (from 0), whatever it is asked for."""
    from metaspec.backend.program import Program

    class Poisoned(Program):
        def gradient(self, meta, iteration, shard, *rest):
            refuse(iteration, shard)
            return super().gradient(meta, iteration, shard, *rest)

        def _region(self, name, function, meta, iteration, shard, other):
            refuse(iteration, shard)
            return super()._region(name, function, meta, iteration, shard, other)

    return Poisoned(plan, cache)


def refuse(iteration, shard):
    if (iteration, shard.index) == (1, 1):
        raise ValueError("the determinant is zero")


def test_a_shard_that_is_left_out_is_not_searched_with(tmp_path: Path):
    text = SPEC.replace("iterations = 3,", "iterations = 2, shards = 2, on_failure = skip,")
    made = run(tmp_path, "inline", text, factory=f"{__name__}:poisoned")
    assert made.skipped == 2
    rows = [json.loads(line) for line in (tmp_path / "inli" / "metrics.jsonl").read_text().splitlines()]
    assert [0.0 < row["divergence"] <= 0.003 for row in rows if "divergence" in row] == [True, True]


@pytest.mark.slow
def test_pool_has_the_bits_of_one_process(tmp_path: Path):
    assert run(tmp_path, "inline").state == run(tmp_path, "pool { workers = 2 }").state

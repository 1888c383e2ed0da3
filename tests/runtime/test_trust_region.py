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


def run(folder: Path, schedule: str) -> Result:
    path = folder / "region.meta"
    path.write_text(SPEC)
    plan = metaspec.plan(path, {"schedule": schedule})
    # Without XLA, whose compilation of four graphs would take longer than the run.
    execution = plan.execution.model_copy(update={"compiled": False})
    return driver.run(plan.model_copy(update={"execution": execution}), folder / schedule[:4])


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


@pytest.mark.slow
def test_pool_has_the_bits_of_one_process(tmp_path: Path):
    assert run(tmp_path, "inline").state == run(tmp_path, "pool { workers = 2 }").state

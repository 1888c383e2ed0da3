"""Benchmarks of meta-gradients: what they conclude from rows, and small rows of their own."""

import json
import subprocess
import sys

import pytest

from benchmarks.estimators import Row, plan, table, verdict


def test_the_worst_row_is_the_one_furthest_from_what_is_wanted():
    rows = [
        Row("quadratic 20", "pes", 1, 0.9, 1.0),  # 6.7 times as fast as shipped, as fast as fused
        Row("quadratic 20", "pes", 64, 8.0, 1.0),  # 1.6 times as fast as shipped, 1.2 times as fast as fused
        Row("quadratic 20", "truncated", 8, 5.0, 1.0),  # 2.9 times as fast as shipped
    ]
    assert [round(row.reached, 2) for row in rows] == [1.0, 0.81, 1.45]
    assert verdict(rows) == (
        "2 of 3 rows are 2 times as fast as shipped and as fast as fused. The worst: quadratic 20, pes, 64 tasks, "
        "0.81 of what is wanted."
    )
    assert "| quadratic 20 | pes | 64 | 8.00 | 13 | 1.6 | 9.75 | 1.2 |" in table(rows)


def test_the_plans_are_of_one_shard_and_one_pair():
    found = plan("network 8-8-5-2", "pes", 8)
    (shard,) = found.execution.shards
    assert shard.count == 8 and found.execution.particles == 1
    assert sum(tensor.size for tensor in found.meta) == 1762


@pytest.mark.slow
def test_memory_of_forward_mode_is_flat_and_that_of_checkpoints_is_not_linear():
    def allocated(method: str, steps: int) -> int:
        call = [sys.executable, "-m", "benchmarks.steps_memory", "--row", method, str(steps)]
        run = subprocess.run(call, capture_output=True, text=True, check=True)
        return json.loads(run.stdout.splitlines()[-1])["allocated"]

    assert allocated("forward", 100) == allocated("forward", 10)
    assert allocated("unroll", 100) > 5 * allocated("unroll", 10)
    assert allocated("unroll, sqrt", 100) < 3 * allocated("unroll, sqrt", 10)

"""The same bits, whoever computes them."""

import json

import numpy as np
import pytest
from numpy_program import Carrying, Program
from small_plan import small_plan

from metaspec.runtime import result
from metaspec.runtime.arrays import digest, with_carried


def test_the_result_is_that_of_a_plain_loop(run_small, tmp_path):
    """The loop that the driver, its pool and its files come down to, written out."""
    plan = small_plan()
    program = Program(plan, tmp_path)
    state = start = program.start()
    for iteration in range(plan.spec.train.iterations):
        total = np.zeros(40, np.float32)
        for shard in plan.execution.shards:
            total = total + program.gradient(state, iteration, shard)[0]["meta/init/w"]
        state, _ = program.update(state, {"meta/init/w": total}, iteration)
    made = run_small(2)
    assert made.state == digest(state)
    before = [program.evaluate(start, "test", 0, shard)["query_loss"] for shard in plan.execution.evaluation]
    assert made.test.mean["query_loss"][-1] < 0.2 * np.concatenate(before)[:, -1].mean()


def test_the_order_of_the_sum_matters_here(tmp_path):
    """Otherwise the tests of this file would show nothing: summed backwards, the bits are others."""
    plan = small_plan()
    program = Program(plan, tmp_path)
    parts = [program.gradient(program.start(), 0, shard)[0]["meta/init/w"] for shard in plan.execution.shards]
    assert not np.array_equal(sum(parts), sum(reversed(parts)))


@pytest.mark.parametrize("workers", [0, pytest.param(1, marks=pytest.mark.slow), 3])
def test_any_number_of_workers(run_small, tmp_path, workers):
    reference = run_small(2, folder=tmp_path / "reference")
    made = run_small(workers, folder=tmp_path / "other")
    assert (made.state, made.parameters, made.test) == (reference.state, reference.parameters, reference.test)
    one, other = tmp_path / "reference" / "metrics.jsonl", tmp_path / "other" / "metrics.jsonl"
    assert one.read_bytes() == other.read_bytes()


def test_what_shards_carry_on(run_small, tmp_path):
    """The plain loop again, with the carried arrays kept by hand; then with other workers."""
    plan = small_plan()
    program = Carrying(plan, tmp_path)
    state, carried = program.start(), {}
    for iteration in range(plan.spec.train.iterations):
        total = np.zeros(40, np.float32)
        for shard in plan.execution.shards:
            gradient, _, carried[shard.index] = program.gradient(state, iteration, shard, carried.get(shard.index))
            total = total + gradient["meta/init/w"]
        state, _ = program.update(state, {"meta/init/w": total}, iteration)
    made = run_small(3, program="Carrying", folder=tmp_path / "three")
    assert made.state == digest(with_carried(state, carried))
    assert made.state == run_small(1, program="Carrying", folder=tmp_path / "one").state
    assert made.state != run_small(1, folder=tmp_path / "nothing carried").state


@pytest.mark.parametrize("change", [{"train": {"checkpoint": 4}}, {"stretch": 100}, {"evaluate": {"every": 3}}])
def test_where_a_stretch_is_cut_changes_nothing(run_small, tmp_path, change):
    reference = run_small(2, folder=tmp_path / "shards")
    made = run_small(1, folder=tmp_path / "stretches", mode="stretches", **change)
    assert made.state == reference.state


def test_metrics_have_one_line_for_each_iteration_and_evaluation(run_small, tmp_path):
    run_small(2)
    lines = [json.loads(line) for line in (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()]
    updates = [line["iteration"] for line in lines if "split" not in line]
    evaluations = [(line["iteration"], line["split"]) for line in lines if "split" in line]
    assert updates == list(range(1, 31))
    assert evaluations[:3] == [(10, "validation"), (20, "validation"), (30, "validation")]
    assert evaluations[3][1] == "test" and len(evaluations) == 4
    assert {"query_loss", "gradient_norm"} <= lines[0].keys()


def test_the_kept_parameters_are_in_the_folder(run_small, tmp_path):
    made = run_small(0)
    assert digest(result.load_parameters(tmp_path / "run" / "parameters.safetensors")) == made.parameters
    assert result.load(tmp_path / "run" / "result.json") == made

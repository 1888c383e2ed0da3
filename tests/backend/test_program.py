"""The program of a plan: what it promises its worker."""

import numpy as np
import pytest

from metaspec.backend.describe import describe
from metaspec.backend.program import Program
from metaspec.kinds import registry
from metaspec.plan import make
from metaspec.plan.execution import shards
from metaspec.spec.blocks import Evaluate, Train
from metaspec.spec.spec import Spec
from metaspec.spec.values import Learned


def kind(category, name, **fields):
    return registry.load(category, name)(**fields)


@pytest.fixture(scope="module")
def program():
    spec = Spec(
        language=1,
        tasks={"sine": kind("tasks", "sinusoid", shots=3, queries=3)},
        models={"net": kind("models", "mlp", hidden=(8,))},
        inner=kind("inner", "sgd", init=Learned(start="glorot_uniform", name="inner.init"), lr=0.01),
        metagrad=kind("metagrads", "unroll"),
        outer=kind("outers", "adam", lr=0.01),
        schedule=kind("schedules", "inline"),
        train=Train(iterations=600, tasks=4, seed=5),
        evaluate=Evaluate(tasks=6, steps=2),
    )
    return Program(make(spec))


def same(one, other):
    return one.keys() == other.keys() and all(np.array_equal(one[key], other[key]) for key in one)


def test_where_a_stretch_is_cut_changes_no_bit(program):
    start = program.start()
    whole, rows = program.stretch(start, 0, 300)
    half, first = program.stretch(start, 0, 130)
    pieces, second = program.stretch(half, 130, 170)
    assert same(whole, pieces)
    assert np.array_equal(rows["query_loss"], np.concatenate([first["query_loss"], second["query_loss"]]))
    assert rows["query_loss"][-50:].mean() < rows["query_loss"][:50].mean()


def test_calls_depend_on_their_arguments_alone(program):
    meta, shard = program.start(), program.plan.execution.shards[0]
    once, other = program.gradient(meta, 7, shard), program.gradient(meta, 8, shard)
    assert same(once[0], program.gradient(meta, 7, shard)[0])
    assert not same(once[0], other[0])
    held_out = program.plan.execution.evaluation[0]
    tables = [program.evaluate(meta, split, 0, held_out)["query_loss"] for split in ("validation", "test")]
    assert tables[0].shape == (6, 3) and not np.array_equal(*tables)


def test_an_update_from_summed_gradients_is_that_of_the_stretch(program):
    """The two ways a meta-iteration may run hold the same arithmetic: one step of Adam from the mean gradient."""
    start = program.start()
    gradient, _, _ = program.gradient(start, 0, program.plan.execution.shards[0])
    updated, metrics = program.update(start, gradient, 0)
    for key in (key for key in start if key.startswith("meta/")):
        mean = gradient[key] / 4
        expected = start[key] - 0.01 * mean / (np.abs(mean) + 1e-8)
        np.testing.assert_allclose(updated[key], expected, rtol=1e-4, atol=1e-7)
    assert metrics["gradient_norm"] == pytest.approx(
        np.sqrt(sum(np.sum((g / 4) ** 2) for g in gradient.values())), rel=1e-5
    )


def test_shards_cover_every_task_once():
    for blocks, tasks, count in ((1, 32, 8), (2, 7, 3), (3, 10, 8), (1, 1, 8)):
        names = tuple(f"task{number}" for number in range(blocks))
        found = shards(names, tasks, count)
        assert sum(shard.count for shard in found) == tasks
        assert [shard.index for shard in found] == list(range(len(found)))
        for name in names:
            covered = [n for s in found if s.task == name for n in range(s.first, s.first + s.count)]
            assert covered == list(range(len(covered)))


def test_graphs_are_described(program):
    found = {graph.name: graph for graph in describe(program)}
    stretch = found["stretch of meta-iterations"]
    assert stretch.compiled and stretch.loops >= 1 and stretch.operations["BatchMatMulV2"] > 5
    assert ("2.query_loss", "float32 [250]") in stretch.outputs
    # Six tasks are evaluated four at a time, as many as stand on the task axis in training.
    assert found["evaluation"].outputs == (("query_loss", "float32 [4, 3]"),)


def test_data_of_every_shard_of_a_pool_are_made_once():
    """However many there are: each window of a trajectory asks for all of them in turn."""
    spec = Spec(
        language=1,
        tasks={"pool": kind("tasks", "problems", set="quadratic", instances=80)},
        inner=kind("inner", "hierarchical_rnn", weights=Learned(start="random", name="w"), steps=4),
        metagrad=kind("metagrads", "truncated", window=2),
        outer=kind("outers", "adam"),
        train=Train(iterations=2, tasks=40),
    )
    found = Program(make(spec))
    shards = found.plan.execution.shards
    assert len(shards) == 40
    rounds = [[found.episode("train", 0, shard) for shard in shards] for _ in range(2)]
    assert all(one is other for one, other in zip(*rounds, strict=True))


@pytest.mark.parametrize("iteration", [3, 252])
def test_a_stretch_is_retraced_on_its_own_tasks(program, iteration):
    """What it reports of training is what comes out of the same tasks after the same number of inner steps."""
    start, (shard,) = program.start(), program.plan.execution.shards
    _, row = program.stretch(start, iteration, 1)
    table = program.retrace(start, iteration, shard)["query_loss"]
    assert table.shape == (4, program.plan.steps + 1) and program.plan.steps != program.plan.evaluation_steps
    assert table[:, -1].mean() == pytest.approx(row["query_loss"][0], rel=1e-5)


def test_a_shard_is_retraced_on_its_own_tasks(program):
    """Alone, a shard draws by the meta-iteration and not by the block that a stretch draws at once."""
    execution = program.plan.execution.model_copy(update={"mode": "shards"})
    alone = Program(program.plan.model_copy(update={"execution": execution}))
    start, (shard,) = alone.start(), execution.shards
    _, metrics, _ = alone.gradient(start, 3, shard)
    table = alone.retrace(start, 3, shard)["query_loss"]
    assert table[:, -1].sum() == pytest.approx(metrics["query_loss"], rel=1e-5)
    assert not np.array_equal(table, program.retrace(start, 3, shard)["query_loss"])

"""Training on one data set: its items, its batches, warm starts."""

import numpy as np
import pytest
import tensorflow as tf

from metaspec.backend import compile as graphs
from metaspec.backend.batches import drawn
from metaspec.backend.keys import stream
from metaspec.backend.program import Program
from metaspec.backend.records import Batch
from metaspec.backend.statistics import distances
from metaspec.plan import make
from metaspec.spec.blocks import Evaluate, Train
from metaspec.spec.spec import Spec
from tests.backend.differences import kind, learned, plain

L2 = learned(1e-3, name="inner.l2", scale="log")


def program(task=None, inner=None, metagrad=None, compiled=False, more=None, model=None, **train) -> Program:
    """`more` are the fields of other task blocks on the same data, by name."""
    data = kind("data", "digits", validation=0.3, test=0.3)
    blocks = {"digits": task or {}} | (more or {})
    plan = make(
        Spec(
            language=1,
            tasks={name: kind("tasks", "training", data=data, **fields) for name, fields in blocks.items()},
            models={"net": model or kind("models", "linear")},
            inner=kind("inner", "sgd", **({"lr": 0.5, "steps": 5, "l2": L2} | (inner or {}))),
            metagrad=metagrad or kind("metagrads", "unroll"),
            outer=kind("outers", "sgd", lr=0.1),
            schedule=kind("schedules", "inline"),
            train=Train(**({"iterations": 4, "seed": 3} | train)),
            evaluate=Evaluate(tasks=2),
        )
    )
    return Program(plan if compiled else plain(plan))


def test_a_step_sees_the_training_split_and_the_objective_the_validation_split():
    found = program(inner={"steps": 30}, compiled=True)
    assert found.plan.tasks_per_iteration == 1
    assert (found.plan.tasks[0].outputs, found.plan.tasks[0].inputs) == (10, (8, 8, 1))
    shard = found.plan.execution.shards[0]
    episode = found.episode("train", 0, shard)
    assert episode.support.inputs.shape == (1, found.plan.tasks[0].support, 8, 8, 1)
    assert episode.query.targets.shape == (1, found.plan.tasks[0].query)
    assert episode.support.inputs is found.episode("train", 1, shard).support.inputs  # one tensor, however often asked
    total = sum(split.inputs.shape[1] for split in (*episode, found.episode("test", 0, shard).query))
    assert total == 1797
    evaluated = found.evaluate(found.start(), "test", 0, found.plan.execution.evaluation[0])
    assert evaluated["accuracy"].shape == (2, 31)
    assert evaluated["accuracy"][:, 0].mean() < 0.3 < 0.7 < evaluated["accuracy"][:, -1].mean()


def test_tasks_of_one_meta_iteration_share_the_items_and_not_the_start():
    found = program(inner={"init": "glorot_uniform"})
    evaluated = found.evaluate(found.start(), "test", 0, found.plan.execution.evaluation[0])
    assert evaluated["query_loss"][0, 0] != evaluated["query_loss"][1, 0]


def test_batches_are_drawn_from_the_number_of_the_step_alone():
    inputs = tf.reshape(tf.range(10.0), (1, 10, 1))
    items = Batch(inputs, tf.tile(tf.range(10)[tf.newaxis], (3, 1)))
    first = drawn(items, 6, stream(1, "a"))
    assert first.inputs.shape == (3, 6, 1)
    np.testing.assert_array_equal(first.inputs[..., 0], first.targets)  # an item keeps its class
    assert not np.array_equal(first.targets[0], first.targets[1])
    np.testing.assert_array_equal(first.targets, drawn(items, 6, stream(1, "a")).targets)
    assert not np.array_equal(first.targets, drawn(items, 6, stream(1, "b")).targets)
    many = drawn(items, 20_000, stream(1, "c")).targets.numpy()
    assert np.abs(np.bincount(many.ravel(), minlength=10) / many.size - 0.1).max() < 0.01


@pytest.mark.parametrize("metagrad", ["unroll", pytest.param("pes", marks=pytest.mark.slow)])
def test_every_block_has_batches_of_its_own(metagrad):
    """The meta-gradient of a task is that of a spec with its block alone, whatever other blocks there are."""
    blocks = {"digits": {"batch": 4}, "large": {"batch": 50, "query_batch": 7}, "whole": {}}
    fields = {"window": 2, "particles": 2} if metagrad == "pes" else {}
    inner = {"init": "glorot_uniform", "steps": 2, "lr": learned(0.1, name="inner.lr"), "l2": 0.0}
    method = kind("metagrads", metagrad, **fields)
    together = program(
        blocks["digits"], inner, method, more={name: blocks[name] for name in ("large", "whole")}, tasks=3
    )
    found = {}
    for name, fields in blocks.items():
        alone = program(fields, inner, method)
        meta, shard = alone.start(), alone.plan.execution.shards[0]
        expected = alone.gradient(meta, 0, shard)[0]["meta/inner.lr"]
        found[name] = together.gradient(meta, 0, shard.model_copy(update={"task": name}))[0]["meta/inner.lr"]
        assert found[name] == pytest.approx(expected, rel=1e-5) and expected != 0
    assert len({float(value) for value in found.values()}) == 3


def test_the_mean_of_batched_meta_gradients_is_near_that_of_the_whole_split():
    """One short step of gradient descent: the expected meta-gradient is that of the whole split, but for the curvature."""
    slopes = []
    for task in ({}, {"batch": 200, "query_batch": 200}):
        found = program(task, {"steps": 1, "init": "zeros", "l2": 0.0, "lr": learned(0.01, name="inner.lr")}, tasks=16)
        sums = [found.gradient(found.start(), 0, shard)[0]["meta/inner.lr"] for shard in found.plan.execution.shards]
        slopes.append(float(sum(sums)) / 16)
    assert slopes[0] != slopes[1]
    assert slopes[1] == pytest.approx(slopes[0], rel=0.05)


def test_a_warm_start_goes_on_where_the_last_meta_iteration_ended():
    """Two meta-iterations of three steps are one of six: without batches the trajectory is the same."""
    warm = program(inner={"steps": 3, "init": "zeros"}, compiled=True, warm_start=True)
    shard = warm.plan.execution.shards[0]
    meta = warm.start()
    _, first, carried = warm.gradient(meta, 0, shard)
    _, second, carried = warm.gradient(meta, 1, shard, carried)
    cold = program(inner={"steps": 6, "init": "zeros"})
    _, whole, _ = cold.gradient(meta, 0, shard)
    assert second["query_loss"] == pytest.approx(whole["query_loss"], rel=1e-5)
    assert second["query_loss"] < first["query_loss"]
    again = warm.gradient(meta, 1, shard, warm.gradient(meta, 0, shard)[2])
    assert again[1] == second


def test_a_warm_start_keeps_statistics_where_its_parameters_are():
    """The distances of the second meta-iteration of three steps are those of one of six."""
    model = kind("models", "conv", filters=(2,), norm="running")
    start, split = {"init": "random", "lr": 0.05}, {"query_batch": 64}
    warm = program(split, start | {"steps": 3}, model=model, warm_start=True, precision="float64")
    shard, meta = warm.plan.execution.shards[0], warm.start()
    first, _, carried = warm.gradient(meta, 0, shard)
    second, _, _ = warm.gradient(meta, 1, shard, carried)
    cold = program(split, start | {"steps": 6}, model=model, precision="float64")
    settings = cold.values(meta), graphs.arranged(cold.episode("train", 0, shard), cold.parts)
    whole = distances(cold.parts.learning, *settings, warm.key("initial/train", 0, shard))
    assert len(whole) == 2
    for name, value in whole.items():
        np.testing.assert_allclose(second[f"meta/{name}"], value, rtol=1e-9, atol=1e-12)
        assert np.abs(first[f"meta/{name}"] - value).max() > 1e-6


def test_a_warm_start_of_a_head_keeps_the_layers_below():
    """With steps of size 0 nothing changes: neither the head nor the features that it learns from."""
    model, inner = kind("models", "mlp", hidden=(4,)), {"steps": 1, "lr": 0.0, "init": "random", "adapt": "head"}
    warm = program(inner=inner, model=model, warm_start=True)
    shard, meta = warm.plan.execution.shards[0], warm.start()
    _, first, carried = warm.gradient(meta, 0, shard)
    _, second, _ = warm.gradient(meta, 1, shard, carried)
    assert second["query_loss"] == pytest.approx(first["query_loss"], rel=1e-6)


def test_a_warm_start_draws_batches_of_its_own_in_each_meta_iteration():
    warm = program({"batch": 10}, {"steps": 2, "lr": 0.0, "l2": learned(0.1, name="inner.l2")}, warm_start=True)
    shard, meta = warm.plan.execution.shards[0], warm.start()
    first, _, carried = warm.gradient(meta, 0, shard)
    assert carried["trajectory"].tolist()[:2] == [0, 1]
    moving = program({"batch": 10}, {"steps": 1, "init": "zeros"}, warm_start=True)
    _, _, one = moving.gradient(meta, 0, shard)
    back = {key: value if key == "trajectory" else np.zeros_like(value) for key, value in one.items()}
    _, _, other = moving.gradient(meta, 1, shard, back)  # from the same weights, other batches
    assert any(not np.array_equal(one[key], other[key]) for key in one if key != "trajectory")

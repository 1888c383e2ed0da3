"""Outer methods that take scores: on functions with a known minimum, and in a program."""

import numpy as np
import pytest
import tensorflow as tf

from metaspec.backend.keys import fold, stream
from metaspec.backend.learning import executor
from metaspec.backend.outers.cma_es import constants
from metaspec.backend.program import Program
from metaspec.plan import make
from metaspec.spec.blocks import Evaluate, Train
from metaspec.spec.spec import Spec
from tests.backend.differences import kind, learned, plain

START = {"a": tf.constant([3.0, -2.0], tf.float64), "b": tf.constant(1.0, tf.float64)}
GOAL = np.array([0.5, 0.25, -0.75])


def ellipsoid(candidates) -> np.ndarray:
    """A long valley, turned out of the axes: (candidates,)."""
    x = np.concatenate([candidates["a"], np.reshape(candidates["b"], (-1, 1))], axis=1) - GOAL
    turned = x @ np.array([[0.8, -0.6, 0.0], [0.6, 0.8, 0.0], [0.0, 0.0, 1.0]])
    return np.sum(np.array([1.0, 100.0, 10.0]) * turned**2, axis=1)


def searched(config, updates: int) -> float:
    method = executor(config).method(config)
    meta, slots, key = START, None, stream(4, "test")
    slots = method.slots(meta)
    for number in range(updates):
        candidates = method.sample(meta, slots, fold(key, number))
        scores = tf.constant(ellipsoid(candidates))
        meta, slots, order = method.update(meta, slots, candidates, scores, fold(key, -number - 1))
        assert order.shape == (config.particles,)
    return float(ellipsoid({name: value[tf.newaxis] for name, value in meta.items()})[0])


@pytest.mark.parametrize(
    ("name", "fields", "bound"),
    [
        ("elite", {"particles": 40, "keep": 10, "deviation": 2.0}, 1e-2),
        ("cma_es", {"particles": 12}, 1e-10),
    ],
)
def test_the_minimum_of_a_turned_ellipsoid_is_found(name, fields, bound):
    first = float(ellipsoid({key: value[tf.newaxis] for key, value in START.items()})[0])
    assert searched(kind("outers", name, **fields), 80) < bound < first


def test_constants_are_those_of_the_tutorial():
    """Table 1 for n = 10 and 10 candidates, worked out by hand: mu_eff of log weights is 3.17."""
    c = constants(10, 10)
    assert c.weights.sum() == pytest.approx(1) and np.all(np.diff(c.weights) < 0) and len(c.weights) == 5
    assert c.effective == pytest.approx(3.1673, rel=1e-4)
    assert c.size_rate == pytest.approx((3.1673 + 2) / (10 + 3.1673 + 5), rel=1e-4)
    assert c.expected == pytest.approx(np.sqrt(10) * (1 - 1 / 40 + 1 / 2100))


def test_elite_refits_mean_and_deviation():
    config = kind("outers", "elite", particles=4, keep=2, floor=0.5)
    method = executor(config).method(config)
    meta = {"a": tf.constant(0.0)}
    candidates = {"a": tf.constant([5.0, 1.0, 2.0, 9.0])}
    after, slots, _ = method.update(
        meta, method.slots(meta), candidates, tf.constant([0.1, 3.0, 4.0, 0.2]), stream(0, "a")
    )
    assert float(after["a"]) == 7.0 and float(slots["deviation"]["a"]) == 2.0
    after, slots, _ = method.update(meta, slots, candidates, tf.constant([9.0, 0.1, 0.2, 9.0]), stream(0, "a"))
    assert float(after["a"]) == 1.5 and float(slots["deviation"]["a"]) == 0.5


def test_the_worst_members_take_the_place_of_the_best():
    config = kind("outers", "pbt", particles=4, exploit=0.25, explore=0.3)
    method = executor(config).method(config)
    meta = {"a": tf.constant(0.0)}
    candidates = {"a": tf.constant([5.0, 1.0, 2.0, 9.0])}
    after, slots, order = method.update(
        meta, method.slots(meta), candidates, tf.constant([2.0, 7.0, 0.1, 3.0]), stream(0, "a")
    )
    assert float(after["a"]) == 2.0
    np.testing.assert_array_equal(order, [0, 2, 2, 3])
    np.testing.assert_array_equal(slots["member"]["a"], [5.0, 2.0, 2.0, 9.0])
    np.testing.assert_allclose(slots["move"]["a"], [0.0, 0.3, 0.0, 0.0])
    moved = method.sample(after, slots, stream(1, "a"))["a"].numpy()
    np.testing.assert_array_equal(moved[[0, 2, 3]], [5.0, 2.0, 9.0])
    assert moved[1] != 2.0


def program(outer, compiled=False, steps=5, **train) -> Program:
    plan = make(
        Spec(
            language=1,
            tasks={"digits": kind("tasks", "training", data=kind("data", "digits", validation=0.3, test=0.3))},
            models={"net": kind("models", "linear")},
            inner=kind(
                "inner",
                "sgd",
                steps=steps,
                init="zeros",
                lr=learned(0.02, name="inner.lr", scale="log", max=2.0),
            ),
            metagrad=kind("metagrads", "none"),
            outer=outer,
            schedule=kind("schedules", "inline"),
            train=Train(iterations=4, seed=3, **train),
            evaluate=Evaluate(tasks=1),
        )
    )
    return Program(plan if compiled else plain(plan))


def updated(found, state, iteration: int):
    total, losses = {}, []
    meta = {key: value for key, value in state.items() if key.startswith("meta/")}
    for shard in found.plan.execution.shards:
        part, metrics, carried = found.gradient(meta, iteration, shard)
        total = {key: total.get(key, 0) + value for key, value in part.items()}
        losses.append(metrics["query_loss"])
        assert list(carried) == ["trajectory"]
    return *found.update(state, total, iteration), total, sum(losses)


@pytest.mark.parametrize("compiled", [False, True])
def test_shards_score_the_candidates_between_them(compiled):
    found = program(kind("outers", "elite", particles=16, keep=4, deviation=1.0), compiled)
    assert len(found.plan.execution.shards) == 8 and found.plan.execution.particles == 2
    state = found.start()
    candidates = state["meta/population/inner.lr"]
    assert candidates.shape == (16,) and candidates.max() <= np.log(2.0) + 1e-6 and len(set(candidates)) > 10
    after, metrics, total, loss = updated(found, state, 0)
    scores = total["meta/scores"]
    np.testing.assert_array_equal(total["meta/counted"], np.ones(16))
    # Short training of a linear model: in this range longer steps are better.
    assert np.corrcoef(candidates, scores)[0, 1] < -0.8
    assert metrics["best_loss"] == pytest.approx(scores.min(), rel=1e-6) and loss == pytest.approx(
        scores.mean(), rel=1e-5
    )
    best = candidates[np.argsort(scores)[:4]]
    assert after["meta/inner.lr"] == pytest.approx(best.mean(), rel=1e-5)
    assert after["outer/deviation/inner.lr"] == pytest.approx(best.std(), rel=1e-4)
    assert not np.array_equal(after["meta/population/inner.lr"], candidates)


def test_members_train_on_and_copies_take_weights_along():
    found = program(kind("outers", "pbt", particles=8, exploit=0.25), steps=3)
    state = found.start()
    assert np.all(state["meta/members/head.kernel"] == 0)
    after, first, total, _ = updated(found, state, 0)
    order = np.argsort(total["meta/scores"], kind="stable")
    weights = after["meta/members/head.kernel"]
    assert weights.shape == (8, 1, 64, 10)
    np.testing.assert_array_equal(weights[order[-1]], weights[order[1]])
    np.testing.assert_array_equal(weights[order[2]], total["meta/members/head.kernel"][order[2]])
    _, second, _, _ = updated(found, after, 1)
    assert second["best_loss"] < first["best_loss"]


def test_a_candidate_that_diverges_is_the_worst():
    found = program(kind("outers", "elite", particles=4, keep=2))
    state = found.start()
    state["meta/population/inner.lr"] = np.array([np.nan, -1.0, -2.0, -3.0], np.float32)
    after, metrics, total, loss = updated(found, state, 0)
    assert total["meta/counted"].tolist() == [0, 1, 1, 1]
    assert after["meta/inner.lr"] == pytest.approx(-1.5) and np.isfinite(loss)

"""reptile and joint against their formulas, with XLA and without."""

import numpy as np
import pytest
import tensorflow as tf

from metaspec.backend import compile as graphs
from metaspec.backend import initial
from metaspec.backend.keys import fold, uniform
from metaspec.backend.metagrads import reptile
from metaspec.backend.metagrads.reptile import drawn, joined
from metaspec.backend.records import Batch
from tests.backend.differences import case, kind, learned
from tests.backend.small import SINE, TANH


def sgd(**fields):
    return kind("inner", "sgd", init=learned("glorot_uniform"), lr=0.1, **fields)


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("items", ["all", "support"])
def test_reptile_is_the_distance_to_the_adapted_weights(items, compiled):
    found = case(SINE, TANH, sgd(steps=3, adapt="body"), kind("metagrads", "reptile", items=items))
    slopes, _ = graphs.shard_gradient(found.parts, 2, compiled)(found.meta, found.episode, found.key, tf.constant(0))
    learning = found.parts.learning
    settings, params, episode = learning.start(found.meta, found.episode, found.key)
    method, batch = learning.method(1), joined(episode) if items == "all" else episode.support
    state = method.init(settings, batch, params)
    for number in range(3):
        state = method.step(settings, state, batch, number)
    for name, value in params.items():
        np.testing.assert_allclose(
            slopes[f"inner.init/{name}"], tf.reduce_sum(value - state.params[name], 0), atol=1e-12
        )
    assert not np.any(slopes["inner.init/head.kernel"])


def test_batches_of_reptile_have_different_items():
    items = tf.reshape(tf.range(2 * 6), (2, 6))
    batch = drawn(Batch(items[..., None], items), 4, tf.constant([1, 2]))
    for task in range(2):
        row = batch.targets[task].numpy()
        assert len(set(row)) == 4 and set(row) <= set(items[task].numpy())
    np.testing.assert_array_equal(batch.inputs[..., 0], batch.targets)
    other = drawn(Batch(items[..., None], items), 4, tf.constant([3, 4]))
    assert np.any(other.targets != batch.targets)


def test_batches_of_reptile_owe_nothing_to_the_initial_weights(monkeypatch):
    """What is drawn from a task's key, its parameters and the items of each step, has a place of its own each."""
    found = case(SINE, TANH, sgd(steps=4), kind("metagrads", "reptile", batch=2))
    inner = kind("inner", "sgd", init="random", lr=learned(0.1, name="inner.lr"), steps=4)
    places: list[tuple[int, ...]] = []

    def noted(key, shape, dtype):
        places.append(tuple(key.numpy()))
        return uniform(key, shape, dtype)

    for module in (initial, reptile):
        monkeypatch.setattr(module, "uniform", noted)
    drawing = case(SINE, TANH, inner, kind("metagrads", "unroll"))
    drawing.parts.learning.start(drawing.meta, drawing.episode, fold(found.key, 0))
    weights = len(places)
    tf.config.run_functions_eagerly(True)
    try:
        found.parts.meta_gradient(found.meta, found.episode, fold(found.key, 0), 0)
    finally:
        tf.config.run_functions_eagerly(False)
    assert weights == 3 and len(places) == 3 + 4
    assert len(set(places)) == len(places)


@pytest.mark.parametrize("items", ["all", "query"])
def test_joint_is_the_gradient_at_the_initial_weights(items):
    found = case(SINE, TANH, sgd(steps=5), kind("metagrads", "joint", items=items))
    slopes, _ = graphs.chunked(found.parts, found.meta, found.episode, found.key, 2)
    learning = found.parts.learning
    _, params, episode = learning.start(found.meta, found.episode, fold(found.key, 0))
    batch = joined(episode) if items == "all" else episode.query
    for name, slope in learning.problem(1).gradient(params, batch).items():
        np.testing.assert_allclose(slopes[f"inner.init/{name}"], tf.reduce_sum(slope, 0), atol=1e-12)

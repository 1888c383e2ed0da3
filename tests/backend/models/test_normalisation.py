"""Statistics that are kept, and predictions of one query item at a time."""

import numpy as np
import pytest
import tensorflow as tf

from metaspec.backend import compile as graphs
from metaspec.backend import prediction
from metaspec.backend.statistics import distances, kept
from metaspec.spec.blocks import Evaluate
from tests.backend.differences import case, kind, learned, relative_error
from tests.backend.small import GLYPH_TASK


def made(norm, metagrad="unroll", adapt="all", evaluate=None, **fields):
    model = kind("models", "conv", filters=(2, 3), norm=norm, **fields)
    inner = kind("inner", "sgd", init=learned("glorot_uniform"), lr=0.2, steps=2, adapt=adapt)
    return case(GLYPH_TASK, model, inner, kind("metagrads", metagrad), evaluate=evaluate)


@pytest.mark.parametrize("norm", ["running", "per_step"])
def test_training_is_that_of_batch_statistics(norm):
    """The meta-gradient is as if nothing were kept; what is kept moves by its distance to the batch."""
    found = made(norm)
    plain = made("batch")
    start = {key: value for key, value in found.meta.items() if not key.startswith("statistics/")}
    slopes, _ = graphs.chunked(found.parts, found.meta, found.episode, found.key, 2)
    others, _ = graphs.chunked(plain.parts, start, found.episode, found.key, 2)
    for key, slope in others.items():
        np.testing.assert_allclose(slopes[key], slope, atol=1e-12)


@pytest.mark.parametrize("norm", ["running", "per_step"])
def test_statistics_of_every_step(norm):
    found = made(norm)
    learning = found.parts.learning
    settings, params, episode = learning.start(found.meta, found.episode, found.key)
    method = learning.method(1)
    state = method.init(settings, episode.support, params)
    rows = []
    for number in range(2):
        rows.append(learning.network.statistics(state.params, episode.support.inputs)["conv2.mean"])
        state = method.step(settings, state, episode.support, number)
    rows.append(learning.network.statistics(state.params, episode.query.inputs)["conv2.mean"])
    expected = np.stack([np.sum(row, axis=0) for row in (rows if norm == "per_step" else rows[-1:])])
    table = found.meta["statistics/conv2.mean"]
    moved = distances(learning, found.meta, found.episode, found.key)["statistics/conv2.mean"]
    np.testing.assert_allclose(moved, 2 * table - expected, atol=1e-12)


def test_an_update_is_a_moving_average():
    found = made("running", momentum=0.75)
    slots = found.parts.update.slots(found.meta)
    total, _ = graphs.chunked(found.parts, found.meta, found.episode, found.key, 2)
    updated, _, _ = found.parts.update.apply(found.meta, slots, total, tf.constant(0))
    key = "statistics/conv1.variance"
    batch = found.meta[key] - total[key] / 2  # two tasks
    np.testing.assert_allclose(updated[key], 0.75 * found.meta[key] + 0.25 * batch, atol=1e-12)


@pytest.mark.parametrize("adapt", ["all", "head"])
@pytest.mark.parametrize("norm", ["running", "batch"])
def test_predictions_depend_on_no_other_query_item(norm, adapt):
    found = made(norm, adapt=adapt, evaluate=Evaluate(transductive=False, steps=2, tasks=2))
    run = graphs.evaluation(found.parts, 2, compiled=False)
    together = run(found.meta, found.episode, found.key)["query_loss"]
    # Each query item by itself, the others taken away: the mean of their losses is the loss of all.
    single = []
    for item in range(2):
        query = tf.nest.map_structure(lambda tensor, item=item: tensor[:, item : item + 1], found.episode.query)
        single.append(run(found.meta, found.episode._replace(query=query), found.key)["query_loss"])
    np.testing.assert_allclose(together, np.mean(single, axis=0), atol=1e-10)


def test_transductive_predictions_do_depend():
    found = made("batch")
    run = graphs.evaluation(found.parts, 2, compiled=False)
    together = run(found.meta, found.episode, found.key)["query_loss"]
    query = tf.nest.map_structure(lambda tensor: tensor[:, :1], found.episode.query)
    alone = run(found.meta, found.episode._replace(query=query), found.key)["query_loss"]
    assert np.max(np.abs(together - alone)) > 1e-4


def test_kept_statistics_reach_the_predictions():
    found = made("running")
    learning = found.parts.learning
    start = prediction.begin(learning, found.meta, found.episode, found.key, alone=False)
    state = learning.method(1).init(start.settings, start.episode.support, start.params)
    rows = kept(found.meta, 0, 2)
    assert not rows.keys() & state.params.keys()  # inner steps take the statistics of the support items
    assert rows.keys() <= prediction.at_step(found.meta, state, 0).params.keys()
    moved = {key: value + 1.0 if key.startswith("statistics/") else value for key, value in found.meta.items()}
    run = graphs.evaluation(found.parts, 2, compiled=False)
    first, second = (run(meta, found.episode, found.key)["query_loss"] for meta in (found.meta, moved))
    assert np.max(np.abs(first - second)) > 1e-4


def test_meta_gradient_with_kept_statistics():
    found = made("running")
    statistics = {key: value for key, value in found.meta.items() if key.startswith("statistics/")}
    assert len(statistics) == 4
    slopes, _ = graphs.chunked(found.parts, found.meta, found.episode, found.key, 2)
    assert slopes.keys() == found.meta.keys()
    assert relative_error(made("layer")) < 1e-6

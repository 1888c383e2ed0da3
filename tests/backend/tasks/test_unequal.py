"""Tasks of unequal size: an episode with empty places learns what the same episode without them learns."""

import numpy as np
import pytest
import tensorflow as tf

from metaspec.backend import compile as graphs
from metaspec.backend.program import Program
from metaspec.backend.records import Batch, Episode
from metaspec.spec.blocks import Evaluate
from metaspec.spec.values import Distribution, Parts
from tests.backend.differences import case, kind, learned, plain
from tests.backend.small import GLYPH_TASK, GLYPHS

CONV = kind("models", "conv", filters=(3, 3), norm="batch")
INIT = learned("glorot_uniform")
PROTOTYPES = Parts(parts={"head": "prototypes", "rest": learned("glorot_uniform", name="inner.init.rest")})
RATE = learned(0.3, name="inner.lr")
UNROLL, IMPLICIT = kind("metagrads", "unroll"), kind("metagrads", "implicit")

CELL = kind(
    "models",
    "cell",
    nodes=2,
    width=3,
    architecture=learned(kind("architectures", "controller", units=3), name="net.architecture"),
)

METHODS = {
    "sgd": (kind("inner", "sgd", init=INIT, steps=2, lr=0.3), UNROLL),
    "adam": (kind("inner", "adam", init=INIT, steps=2, lr=0.01), UNROLL),
    "prototype head": (kind("inner", "sgd", init=PROTOTYPES, lr=0.3), UNROLL),
    "imaml": (kind("inner", "sgd", init=INIT, steps=2, lr=0.1, proximal=2.0), IMPLICIT),
    "newton": (kind("inner", "newton", init=INIT, adapt="head", proximal=1.0, steps=3), IMPLICIT),
    "lbfgs": (kind("inner", "lbfgs", init=INIT, adapt="head", proximal=1.0, steps=3), IMPLICIT),
    "ridge, primal": (kind("inner", "ridge", init=INIT, form="primal"), UNROLL),
    "ridge, dual": (kind("inner", "ridge", init=INIT, form="dual"), UNROLL),
    "svm": (kind("inner", "svm", init=INIT), UNROLL),
    "prototypes": (kind("inner", "prototypes", init=INIT), UNROLL),
    "matching": (kind("inner", "matching", init=INIT), UNROLL),
    "reptile": (kind("inner", "sgd", init=INIT, steps=3, lr=0.1), kind("metagrads", "reptile", batch=None)),
    "joint": (kind("inner", "sgd", init=INIT, steps=3, lr=0.1), kind("metagrads", "joint")),
    "forward": (kind("inner", "sgd", init="random", steps=2, lr=RATE), kind("metagrads", "forward")),
    "truncated": (
        kind("inner", "sgd", init="random", steps=2, lr=RATE),
        kind("metagrads", "truncated", window=1, carry=False),
    ),
    "reinforce": (kind("inner", "sgd", steps=2, lr=0.3), kind("metagrads", "reinforce", samples=3)),
}
MODELS = {"reinforce": CELL}  # whose architecture is learned


def both(found):
    """The case's episode without its third support item, and with another item in its place that counts nothing."""
    support, query = found.episode
    there = tf.constant([0, 1, 3])
    targets = tf.constant([[0, 0, 1]])
    short = Batch(tf.gather(support.inputs, there, axis=1), targets)
    padded = Batch(support.inputs, tf.constant([[0, 0, 1, 1]]), tf.constant([[1.0, 1.0, 0.0, 1.0]], tf.float64))
    return (Episode(short, query), Episode(padded, query))


@pytest.mark.parametrize(
    "name", [pytest.param(each, marks=pytest.mark.slow) if each == "forward" else each for each in METHODS]
)
def test_empty_places_count_nothing(name):
    inner, metagrad = METHODS[name]
    found = case(GLYPH_TASK, MODELS.get(name, CONV), inner, metagrad, tasks=1)
    short, padded = both(found)
    results = []
    for episode in (short, padded):
        slopes, metrics = graphs.chunked(found.parts, found.meta, episode, found.key, 1)
        evaluated = graphs.evaluation(found.parts, found.plan.evaluation_steps, False)(found.meta, episode, found.key)
        results.append((slopes, metrics | {f"{each} by step": value for each, value in evaluated.items()}))
    (slopes, metrics), (padded_slopes, padded_metrics) = results
    assert max(float(tf.reduce_max(tf.abs(slope))) for slope in slopes.values()) > 1e-6
    for key, slope in slopes.items():
        np.testing.assert_allclose(padded_slopes[key], slope, rtol=1e-7, atol=1e-9, err_msg=key)
    for key, value in metrics.items():
        np.testing.assert_allclose(padded_metrics[key], value, rtol=1e-7, atol=1e-9, err_msg=key)


def test_an_item_in_an_empty_place_would_change_the_result():
    found = case(GLYPH_TASK, CONV, *METHODS["sgd"], tasks=1)
    short, padded = both(found)
    full = Episode(padded.support._replace(weights=()), padded.query)
    losses = [
        float(graphs.chunked(found.parts, found.meta, each, found.key, 1)[1]["query_loss"]) for each in (short, full)
    ]
    assert abs(losses[0] - losses[1]) > 1e-4


@pytest.mark.parametrize("norm", ["running", "batch"])
def test_kept_statistics_and_single_query_items(norm):
    """Statistics of the support items, and evaluation one query item at a time, leave empty places out as well."""
    model = kind("models", "conv", filters=(3, 3), norm=norm)
    found = case(GLYPH_TASK, model, *METHODS["sgd"], tasks=1, evaluate=Evaluate(transductive=norm != "batch"))
    values = []
    for episode in both(found):
        slopes, _ = graphs.chunked(found.parts, found.meta, episode, found.key, 1)
        loss = graphs.evaluation(found.parts, 2, False)(found.meta, episode, found.key)["query_loss"]
        values.append([loss, *(slope for key, slope in slopes.items() if key.startswith("statistics/"))])
    for left, right in zip(*values, strict=True):
        np.testing.assert_allclose(left, right, rtol=1e-7, atol=1e-9)


def test_episodes_from_data_have_weights():
    task = kind(
        "tasks", "fewshot", data=GLYPHS, ways=2, shots=Distribution(distribution="uniform", arguments=(1, 3)), queries=1
    )
    found = case(task, CONV, *METHODS["sgd"])
    program = Program(plain(found.plan))
    shard = found.plan.execution.shards[0]
    weights = np.concatenate(
        [program.episode("train", iteration, shard).support.weights.numpy() for iteration in range(20)]
    ).reshape(-1, 2, 3)
    assert set(weights.sum(-1).ravel()) == {1.0, 2.0, 3.0}
    assert (weights[:, :, 0] == 1).all()
    gradient, metrics, _ = program.gradient(program.start(), 0, shard)
    assert np.isfinite(metrics["query_loss"])
    assert all(np.isfinite(value).all() for value in gradient.values())


def test_kept_statistics_are_no_feature_of_similarity():
    """Instances are alike by their meta-gradients; the distances of kept statistics come with these, and are none."""
    model = kind("models", "conv", filters=(3, 3), norm="running")
    program = Program(plain(case(GLYPH_TASK, model, *METHODS["sgd"], tasks=1).plan))
    shard, meta = program.plan.execution.shards[0], program.start()
    moved = {key: value + 5 if key.startswith("meta/statistics/") else value for key, value in meta.items()}
    found, other = (program.features(each, "gradients", 0, shard) for each in (meta, moved))
    assert np.abs(found).max() > 0
    np.testing.assert_allclose(other, found, rtol=1e-9)

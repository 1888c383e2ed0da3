"""Heads solved in closed form, against scikit-learn and against formulas."""

import numpy as np
import pytest
import tensorflow as tf
from sklearn.linear_model import Ridge
from sklearn.metrics.pairwise import cosine_similarity
from sklearn.neighbors import NearestCentroid
from sklearn.svm import LinearSVC

from metaspec.backend.inner import matching, none, prototypes, ridge, svm
from metaspec.backend.layers.heads import prototype_head
from metaspec.backend.records import Batch, Problem
from metaspec.backend.settings import Settings
from tests.backend.differences import kind

TASKS, WAYS, WIDTH = 3, 4, 6


def problem(outputs=WAYS, classifies=True, compiled=False) -> Problem:
    return Problem(None, None, None, (), True, outputs, classifies, compiled)


def settings(**numbers) -> Settings:
    return Settings({}, lambda name: tf.constant(numbers[name], tf.float64))


def clouds(shots: int, spread: float, seed: int = 0) -> Batch:
    """Items around one point for each class, far apart where `spread` is small."""
    draw = np.random.default_rng(seed)
    centres = draw.standard_normal((TASKS, WAYS, WIDTH))
    classes = np.tile(np.repeat(np.arange(WAYS), shots), (TASKS, 1))
    noise = draw.standard_normal((TASKS, WAYS * shots, WIDTH))
    return Batch(
        tf.constant(np.take_along_axis(centres, classes[..., None], 1) + spread * noise), tf.constant(classes, tf.int32)
    )


def predicted(module, config, support, queries, found=None, **numbers):
    method = module.method(config, found or problem())
    values = settings(**numbers)
    return method.predict(values, method.init(values, support, {}), queries.inputs).numpy()


@pytest.mark.parametrize("shots", [1, 5])
@pytest.mark.parametrize("form", ["auto", "primal", "dual"])
@pytest.mark.parametrize("compiled", [False, True])
def test_ridge_is_that_of_scikit_learn(shots, form, compiled):
    support, queries = clouds(shots, 1.0), clouds(3, 1.0, seed=1)
    outputs = predicted(
        ridge,
        kind("inner", "ridge", form=form),
        support,
        queries,
        problem(compiled=compiled),
        l2=0.7,
        scale=2.0,
        shift=0.3,
    )
    ones = np.ones((TASKS, 1, 1))
    for task in range(TASKS):

        def rows(batch, task=task):
            return np.concatenate([batch.inputs[task], np.broadcast_to(ones[task], (batch.inputs.shape[1], 1))], 1)

        oracle = Ridge(alpha=0.7, fit_intercept=False).fit(rows(support), np.eye(WAYS)[support.targets[task]])
        np.testing.assert_allclose(outputs[task], 2.0 * oracle.predict(rows(queries)) + 0.3, atol=1e-9)


@pytest.mark.parametrize(
    ("spread", "cost", "compiled"),
    [
        (0.05, 10.0, True),
        (1.0, 0.05, True),
        (1.0, 0.05, False),
        pytest.param(0.05, 10.0, False, marks=pytest.mark.slow),
    ],
)
def test_svm_is_that_of_scikit_learn(spread, cost, compiled):
    """On data that can be separated and on data that cannot. Its `cost` is scikit-learn's C."""
    support, queries = clouds(5, spread), clouds(3, spread, seed=1)
    config = kind("inner", "svm", damping=1e-9, iterations=20_000, tolerance=1e-9)
    outputs = predicted(svm, config, support, queries, problem(compiled=compiled), cost=cost, scale=1.0)
    for task in range(TASKS):
        oracle = LinearSVC(multi_class="crammer_singer", C=cost, fit_intercept=False, tol=1e-10, max_iter=1_000_000)
        oracle.fit(support.inputs[task].numpy(), support.targets[task].numpy())
        np.testing.assert_allclose(outputs[task], oracle.decision_function(queries.inputs[task].numpy()), atol=1e-6)


def test_svm_meets_its_optimality_conditions():
    support = clouds(5, 1.0)
    labels = tf.one_hot(support.targets, WAYS, dtype=tf.float64)
    kernel = tf.matmul(support.inputs, support.inputs, transpose_b=True) + tf.eye(20, dtype=tf.float64)
    cost = tf.constant(0.1, tf.float64)
    dual = svm.solved(kind("inner", "svm"), kernel, labels, cost, compiled=False)
    np.testing.assert_allclose(tf.reduce_sum(dual, -1), 0.0, atol=1e-12)
    assert np.all(dual <= cost * labels + 1e-9)
    # No entry that may fall gains by it more than one that may rise: the largest multiplier of the free entries.
    slope = (labels - tf.matmul(kernel, dual)).numpy()
    free = (cost * labels - dual).numpy() > 1e-9
    highest = np.where(free, slope, -np.inf).max(-1)
    lowest = np.where(free, slope, np.inf).min(-1)
    np.testing.assert_allclose(highest, lowest, atol=1e-9)
    assert np.all(slope >= np.where(free, -np.inf, lowest[..., None] - 1e-9))


def test_prototypes_choose_the_nearest_mean():
    support, queries = clouds(5, 1.0), clouds(3, 1.0, seed=1)
    outputs = predicted(prototypes, kind("inner", "prototypes"), support, queries, scale=1.0)
    for task in range(TASKS):
        oracle = NearestCentroid().fit(support.inputs[task], support.targets[task])
        np.testing.assert_array_equal(outputs[task].argmax(-1), oracle.predict(queries.inputs[task]))


def test_prototypes_by_cosine():
    support, queries = clouds(5, 1.0), clouds(3, 1.0, seed=1)
    outputs = predicted(prototypes, kind("inner", "prototypes", distance="cosine"), support, queries, scale=3.0)
    for task in range(TASKS):
        means = np.stack([support.inputs[task][support.targets[task] == k].numpy().mean(0) for k in range(WAYS)])
        np.testing.assert_allclose(outputs[task], 3 * (cosine_similarity(queries.inputs[task], means) - 1), atol=1e-12)


def test_prototype_head_ranks_as_the_distances_do():
    support, queries = clouds(2, 1.0), clouds(3, 1.0, seed=1)
    head = prototype_head(support.inputs, support.targets, WAYS)
    linear = tf.matmul(queries.inputs, head["head.kernel"]) + head["head.bias"][:, None]
    distances = predicted(prototypes, kind("inner", "prototypes"), support, queries, scale=1.0)
    np.testing.assert_allclose(tf.nn.softmax(linear), tf.nn.softmax(distances), atol=1e-12)


def test_matching_by_its_formula():
    support, queries = clouds(2, 1.0), clouds(3, 1.0, seed=1)
    outputs = predicted(matching, kind("inner", "matching"), support, queries, scale=5.0)
    for task in range(TASKS):
        attention = np.exp(5 * cosine_similarity(queries.inputs[task], support.inputs[task]))
        attention /= attention.sum(-1, keepdims=True)
        np.testing.assert_allclose(np.exp(outputs[task]), attention @ np.eye(WAYS)[support.targets[task]], atol=1e-12)


def test_no_adaptation_changes_nothing():
    params = {"head.bias": tf.ones((1, 2))}
    method = none.method(kind("inner", "none"), problem())
    state = method.init(settings(), clouds(1, 1.0), params)
    assert method.step(settings(), state, clouds(1, 1.0), 0).params is params

"""Problems: values that are known, derivatives, starts, and what an instance is made from."""

import subprocess
import sys
from math import e, pi
from typing import get_args

import numpy as np
import pytest
import tensorflow as tf

from metaspec.backend.keys import stream
from metaspec.backend.problems import objective
from metaspec.backend.tasks.problems import functions, instance_data
from metaspec.kinds import registry
from metaspec.kinds.families import FAMILIES
from metaspec.kinds.problems.total import Total
from metaspec.kinds.tasks.problems import Family
from tests.backend.differences import kind

SMALL = {
    "convolutional": {"size": 4, "rows": 6, "batch": 3, "filters": (2,)},
    "recurrent": {"length": 3, "units": 2, "rows": 6, "batch": 3},
    "fully_connected": {"features": 3, "hidden": (2,), "rows": 8, "batch": 3},
    "softmax_regression": {"features": 4, "rows": 20, "batch": 3},
    "sparse_softmax": {"features": 2, "tokens": 4, "rows": 8, "batch": 3},
    "matmul": {"size": 2, "products": 5},
    "outward_snake": {"size": 4, "rows": 6, "batch": 3},
    "projection_quadratic": {"size": 4, "rows": 6, "batch": 3},
    "sum_of_quadratics": {"size": 4, "rows": 6, "batch": 3},
}


def made(config, tasks=2):
    """The problem, data of two instances, and where they start."""
    found = objective(config)
    instances = [found.data(np.random.default_rng(seed)) for seed in range(tasks)]
    data = {name: tf.constant(np.stack([each[name] for each in instances])) for name in instances[0]}
    shapes = tuple((tasks, *parameter.shape) for parameter in config.parameters())
    return found, data, found.start(data, stream(1, "start"), shapes, tf.float64)


def value(config, *points, data=None):
    """The objective of one task at given parameters."""
    found, drawn, _ = made(config, 1)
    params = tuple(tf.constant([point], tf.float64) for point in points)
    return float(found.loss(drawn if data is None else data, params, None)[0])


@pytest.mark.parametrize("name", registry.names("problems"))
def test_gradients_against_differences(name):
    """All tasks at once along random signs: the derivative of each task is its own."""
    config = kind("problems", name, **SMALL.get(name, {}))
    found, data, params = made(config)
    draw = np.random.default_rng(2)
    moves = [tf.constant(draw.choice([-1.0, 1.0], value.shape)) for value in params]
    for rows in (None, tf.constant([0, 2])) if found.rows else (None,):
        with tf.GradientTape() as tape:
            tape.watch(params)
            losses = found.loss(data, params, rows)
        slopes = tape.gradient(losses, params)
        assert losses.shape == (2,)
        along = sum(tf.reduce_sum(g * m, axis=list(range(1, len(g.shape)))) for g, m in zip(slopes, moves, strict=True))
        ahead, behind = (
            found.loss(data, tuple(p + length * m for p, m in zip(params, moves, strict=True)), rows)
            for length in (1e-6, -1e-6)
        )
        np.testing.assert_allclose(along, (ahead - behind) / 2e-6, rtol=2e-5, atol=1e-5)


@pytest.mark.parametrize(
    ("function", "point", "lowest"),
    [
        ("rosenbrock", (1.0, 1.0), 0.0),
        ("ackley", (1e-9, 0.0), 0.0),
        ("beale", (3.0, 0.5), 0.0),
        ("booth", (1.0, 3.0), 0.0),
        ("matyas", (0.0, 0.0), 0.0),
        ("branin", (pi, 2.275), 0.397887),
        ("michalewicz", (pi / 2**0.5, pi / 2), 1 - np.sin(pi / 2**0.5)),
        ("styblinski_tang", (-2.903534, -2.903534), 1.66767),
        ("saddle", (3.0, 4.0), -7.0),
        ("log_sum_exp", (0.0, 0.0), np.log(3 * e**-0.1 + 1)),
    ],
)
def test_surfaces_have_their_known_values(function, point, lowest):
    assert value(kind("problems", "surface", function=function), point) == pytest.approx(lowest, abs=1e-5)


def test_values_by_hand():
    bowl = kind("problems", "bowl", condition=5.0, angle=pi / 4)
    assert value(bowl, [[1.0], [0.0]]) == pytest.approx(0.5 * (5 * 0.5 + 0.5))
    chain = kind("problems", "dependency_chain", size=2)
    assert value(chain, [2.0, 3.0, 1.0]) == pytest.approx(8 + 9 / 4 + 1 / 9, rel=1e-5)
    assert value(kind("problems", "min_max_well", size=3), [2.0, 0.5, 1.0]) == pytest.approx(4 + 4 - 2)
    quadratic = kind("problems", "quadratic", size=2)
    data = {"w": tf.constant([[[1.0, 2.0], [0.0, 1.0]]], tf.float64), "y": tf.constant([[1.0, 1.0]], tf.float64)}
    assert value(quadratic, [[1.0], [2.0]], data=data) == pytest.approx(0.5 * (4**2 + 1))
    log = kind("problems", "log_objective", of=quadratic)
    assert value(log, [[1.0], [2.0]], data=data) == pytest.approx(np.log(8.5 + 1e-6) - np.log(1e-6))
    rescaled = kind("problems", "rescale", of=quadratic, scale=10.0)
    assert value(rescaled, [[10.0], [20.0]], data=data) == pytest.approx(8.5)


def test_one_hot_rows_change_nothing():
    fields = SMALL["sparse_softmax"]
    looked_up, data, params = made(kind("problems", "sparse_softmax", **fields))
    product = objective(kind("problems", "sparse_softmax", one_hot=True, **fields))
    np.testing.assert_allclose(looked_up.loss(data, params, None), product.loss(data, params, None), rtol=1e-12)


@pytest.mark.parametrize("name", ["fully_connected", "convolutional", "recurrent"])
def test_labels_are_balanced_and_can_be_learned(name):
    config = kind("problems", name, **SMALL[name] | {"rows": 200})
    found = objective(config)
    for seed in range(3):
        labels = found.data(np.random.default_rng(seed))["labels"]
        assert 0.3 < labels.mean() < 0.7


def test_accuracy_counts_the_sign_of_the_first_logit():
    config = kind("problems", "softmax_regression", features=4, rows=20)
    found, data, _ = made(config, 1)
    side = np.sign(data["test_inputs"][0].numpy()[:, 0])
    data["test_labels"] = tf.constant((side > 0).astype(float)[np.newaxis])
    kernel = np.zeros((1, 4, 2))
    kernel[0, 0, 0] = 1.0
    bias = tf.zeros((1, 2), tf.float64)
    assert found.accuracy(data, (tf.constant(kernel), bias))[0] == 1.0
    assert found.accuracy(data, (tf.constant(-kernel), bias))[0] == 0.0


def test_the_language_has_every_family():
    assert get_args(Family) == tuple(FAMILIES)


@pytest.mark.parametrize("family", FAMILIES)
def test_families_have_problems_that_differ(family):
    entries = FAMILIES[family]
    assert len({(entry.graph, str(entry)) for entry in entries}) == len(entries)
    assert all(entry.parameters() and entry.operations() > 0 for entry in entries)


def test_sizes_of_the_original_sets():
    """Scalars of every task, from the reference page."""

    def scalars(family):
        return [sum(parameter.size for parameter in entry.parameters()) for entry in FAMILIES[family]]

    assert scalars("softmax_regression") == [22, 202, 402, 514]
    assert scalars("fully_connected") == [129, 175, 94, 123, 98, 121, 2530, 379, 282, 434, 386, 2498]
    assert scalars("quadratic") == [20, 25, 50, 100]


def test_instances_are_seeded_and_held_out():
    config = kind("tasks", "problems", of=kind("problems", "quadratic", size=3), instances=4)
    one, again, other, unseen = (
        instance_data(config, split, number, tf.float32)["w"]
        for split, number in (("train", 0), ("train", 0), ("train", 1), ("test", 0))
    )
    np.testing.assert_array_equal(one, again)
    assert not np.array_equal(one, other) and not np.array_equal(one, unseen)


def test_a_pool_stacks_its_instances():
    config = kind("tasks", "problems", set="two_d", instances=9)
    episode = functions(config, tf.float32).pool("train", (3, 7, 0))
    assert episode.support.targets.tolist() == [3, 7, 0]
    assert episode.support.inputs["chosen"].shape == (3, 10)
    assert episode.support.inputs["chosen"].argmax(axis=1).tolist() == [4, 0, 1]


def test_problems_do_not_depend_on_who_is_imported_first():
    """`total` imports its members after itself; names of modules and functions must not meet."""
    code = (
        "from metaspec.backend.problems import objective\n"
        "from metaspec.kinds.problems.total import Total\n"
        "import numpy as np, tensorflow as tf\n"
        "found = objective(Total())\n"
        "data = {n: tf.constant(v[None]) for n, v in found.data(np.random.default_rng(0)).items()}\n"
        "params = tuple(tf.zeros((1, *each.shape), tf.float64) for each in Total().parameters())\n"
        "print(float(found.loss(data, params, None)[0]))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr[-1000:]
    quadratic = objective(Total().of[0]).data(np.random.default_rng(0))["y"]
    assert float(done.stdout) == pytest.approx(0.5 * np.sum(quadratic**2) + 1)  # Rosenbrock's is 1 at 0

"""Learned items, losses, augmentations and architectures: meta-gradients against central differences in float64."""

import numpy as np
import pytest
import tensorflow as tf

from metaspec.backend.keys import fold
from metaspec.backend.losses import cross_entropy
from metaspec.backend.models.cell import build
from metaspec.backend.program import Program
from metaspec.kinds import registry
from tests.backend.differences import case, kind, learned, relative_error
from tests.backend.small import SINE, TANH

DIGITS = kind("data", "digits", validation=0.3, test=0.3)
OPS = ("zero", "identity", "relu", "tanh", "sigmoid")


def training(**fields):
    return kind("tasks", "training", data=DIGITS, **fields)


def examples(**fields):
    return learned(kind("sources", "examples", per_class=2, **fields), name="task.train_on")


def cell(**fields):
    return kind("models", "cell", nodes=2, width=4, **fields)


MIXTURE = learned(kind("architectures", "mixture", ops=OPS), name="net.architecture")
SMALL_CELL = kind("models", "cell", nodes=1, width=3, architecture=MIXTURE)
LOSS = learned(kind("models", "mlp", hidden=(5,), activation="tanh"), name="inner.loss")
AUGMENT = learned(kind("augmentations", "network", hidden=(6,), noise=3), name="task.augment")
RATE = learned(0.1, name="inner.lr", scale="log")
SMALL = kind("models", "mlp", hidden=(5,), activation="tanh")

CASES = {
    "items, whole loops": (training(train_on=examples()), SMALL, {"lr": RATE}, kind("metagrads", "unroll")),
    "items in batches": (training(train_on=examples(), batch=3), SMALL, {"lr": RATE}, kind("metagrads", "unroll")),
    "items with labels": (
        training(train_on=examples(labels="learned")),
        SMALL,
        {"lr": 0.1},
        kind("metagrads", "unroll", checkpoint=1),
    ),
    # A window's trajectory draws weights of its own: they are to be the same here.
    "items, one window": (
        training(train_on=examples(start="items")),
        kind("models", "linear"),
        {"lr": RATE, "init": "zeros"},
        kind("metagrads", "truncated", window=3, carry=False),
    ),
    "items, forward": (
        training(train_on=examples()),
        kind("models", "linear"),
        {},
        kind("metagrads", "forward", chunk=128),
    ),
    "loss": (SINE, TANH, {"loss": LOSS, "init": learned("glorot_uniform")}, kind("metagrads", "unroll")),
    "loss, recomputed": (SINE, TANH, {"loss": LOSS, "lr": RATE}, kind("metagrads", "unroll", checkpoint=1)),
    "augmentation": (training(augment=AUGMENT, batch=4), SMALL, {"lr": RATE}, kind("metagrads", "unroll")),
    "mixture": (SINE, SMALL_CELL, {"lr": RATE}, kind("metagrads", "unroll", checkpoint=1)),
    "mixture, forward": (SINE, SMALL_CELL, {"lr": RATE}, kind("metagrads", "forward", chunk=4)),
}


@pytest.mark.parametrize("name", CASES)
def test_meta_gradients_are_those_of_central_differences(name):
    task, model, fields, metagrad = CASES[name]
    inner = kind("inner", "sgd", **({"steps": 3, "lr": 0.1} | fields))
    assert relative_error(case(task, model, inner, metagrad)) < 1e-6


def test_implicit_gradients_of_items_are_those_of_the_minimum():
    """Long training of a regularised linear model: `implicit` and back-propagation through all of it agree."""
    inner = kind("inner", "sgd", steps=400, lr=0.3, l2=0.3, init="zeros")
    task, model = training(train_on=examples()), kind("models", "linear")
    found = []
    for metagrad in (
        kind("metagrads", "implicit", solver=kind("solvers", "cg", iterations=200)),
        kind("metagrads", "unroll"),
    ):
        own = case(task, model, inner, metagrad)
        key = fold(own.key, 0)
        found.append(
            tf.function(own.parts.meta_gradient)(own.meta, own.episode, key, 0)[0]["task.train_on/items"].numpy()
        )
    np.testing.assert_allclose(found[0], found[1], atol=1e-6 * np.abs(found[1]).max())


def test_learned_items_begin_where_they_say():
    given = case(training(train_on=examples(start="items")), SMALL, kind("inner", "sgd"), kind("metagrads", "unroll"))
    noise = case(training(train_on=examples()), SMALL, kind("inner", "sgd"), kind("metagrads", "unroll"))
    items = Program(given.plan).start()["meta/task.train_on/items"]
    assert items.shape == (20, 8, 8, 1)
    support = Program(given.plan).episode("train", 0, given.plan.execution.shards[0]).support
    np.testing.assert_array_equal(items, support.inputs[0])
    np.testing.assert_array_equal(support.targets[0], np.arange(10).repeat(2))
    drawn = Program(noise.plan).start()["meta/task.train_on/items"]
    assert 0 <= drawn.min() < 0.05 and 0.95 < drawn.max() <= 1
    assert np.abs(items.mean() - 0.3) < 0.1 < np.abs(drawn.mean() - 0.3)


def test_cross_entropy_takes_a_number_for_each_class():
    draw = np.random.default_rng(0)
    logits, weights = draw.standard_normal((2, 5, 3)), draw.standard_normal((2, 5, 3))
    logs = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
    np.testing.assert_allclose(cross_entropy(logits, tf.constant(weights)), -(weights * logs).sum(-1).mean(1))
    classes = draw.integers(0, 3, (2, 5))
    np.testing.assert_allclose(
        cross_entropy(tf.constant(logits), tf.constant(classes)),
        cross_entropy(logits, tf.one_hot(classes, 3, dtype=tf.float64)),
    )


def test_a_learned_loss_moves_the_weights_and_the_task_s_own_is_reported():
    own = case(SINE, TANH, kind("inner", "sgd", loss=LOSS, steps=2), kind("metagrads", "unroll"))
    begun = own.parts.learning.start(own.meta, own.episode, own.key)
    problem, support = own.parts.learning.problem(1), begun.episode.support
    outputs = problem.predict(begun.params, support.inputs)
    weights = {name.removeprefix("inner.loss/"): value.numpy() for name, value in own.meta.items()}
    beside = np.concatenate([outputs, support.targets], axis=-1)
    hidden = np.tanh(beside @ weights["hidden1.kernel"] + weights["hidden1.bias"])
    added = (hidden @ weights["head.kernel"] + weights["head.bias"]).mean(axis=(1, 2))
    measured = own.parts.learning.measure.loss(outputs, support.targets)
    np.testing.assert_allclose(measured, np.square(outputs - support.targets).mean(axis=(1, 2)), rtol=1e-12)
    assert np.abs(added).min() > 1e-3
    np.testing.assert_allclose(problem.loss(begun.params, support), measured + added, rtol=1e-12)


def test_a_learned_loss_begins_as_the_task_s_own():
    own = case(SINE, TANH, kind("inner", "sgd", loss=LOSS), kind("metagrads", "unroll"))
    start = Program(own.plan).start()
    added = {key for key, value in start.items() if "/inner.loss/" in key and not value.any()}
    assert added == {"meta/inner.loss/head.kernel", "meta/inner.loss/head.bias", "meta/inner.loss/hidden1.bias"}


def test_an_augmentation_begins_as_none_and_draws_for_each_task_and_step():
    own = case(training(augment=AUGMENT), SMALL, kind("inner", "sgd"), kind("metagrads", "unroll"))
    begun = own.parts.learning.start(own.meta, own.episode, own.key)
    support = begun.episode.support
    first, second = (begun.settings.batch(support, number).inputs - support.inputs for number in (0, 1))
    assert np.abs(first).max() > 0.01 and not np.allclose(first, second)
    assert not np.allclose(first[0], first[1])
    still = {key: tf.zeros_like(value) if ".augment/head" in key else value for key, value in own.meta.items()}
    begun = own.parts.learning.start(still, own.episode, own.key)
    np.testing.assert_array_equal(begun.settings.batch(support, 0).inputs, support.inputs)


def test_a_mixture_of_one_certain_operation_is_the_fixed_network():
    own = case(SINE, cell(architecture=MIXTURE), kind("inner", "sgd"), kind("metagrads", "unroll"))
    chosen = [3, 1, 2]
    certain = {**own.meta, "net.architecture/logits": tf.constant(1e3 * np.eye(5)[chosen])}
    begun = own.parts.learning.start(certain, own.episode, own.key)
    fixed = cell(architecture=kind("architectures", "fixed_ops", ops=tuple(OPS[each] for each in chosen)))
    network, params = build(fixed, False), begun.params
    inputs = begun.episode.query.inputs
    expected = network.head(params, network.features(params, inputs))
    np.testing.assert_allclose(own.parts.learning.problem(1).predict(params, inputs), expected, rtol=1e-12)
    assert {"place0_tanh.kernel", "place2_relu.kernel"} < params.keys()


def test_a_fixed_architecture_has_the_parameters_of_its_operations_and_runs():
    fixed = cell(architecture=kind("architectures", "fixed_ops", ops=("relu", "zero", "identity")))
    own = case(SINE, fixed, kind("inner", "sgd", lr=RATE, steps=2), kind("metagrads", "unroll"))
    layers = [each.layer for each in own.plan.parameters]
    assert set(layers) == {"inputs", "place0_relu", "head"}
    assert registry.available("architectures", "fixed_ops")
    assert relative_error(own) < 1e-6

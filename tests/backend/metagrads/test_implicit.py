"""Implicit meta-gradients against closed forms, and against differences through inner loops run to their end."""

import numpy as np
import pytest
import tensorflow as tf

from metaspec.backend import compile as graphs
from metaspec.spec.values import Parts
from tests.backend.differences import case, kind, learned, relative_error
from tests.backend.small import GLYPH_TASK, SINE, TANH

LINEAR = kind("models", "linear")
EXACT = kind("metagrads", "implicit", solver=kind("solvers", "exact"))


def quadratic(solver, proximal=0.7, steps=1, inner="newton", **fields):
    config = kind("inner", inner, init=learned("glorot_uniform"), adapt="all", proximal=proximal, steps=steps, **fields)
    return case(SINE, LINEAR, config, kind("metagrads", "implicit", solver=solver))


def closed_form(found, proximal: float):
    """proximal * (H + proximal)^-1 times the query gradient at the minimum, summed over the tasks, in numpy."""
    start = np.concatenate([found.meta["inner.init/head.kernel"].numpy().ravel(), found.meta["inner.init/head.bias"]])
    total = np.zeros(2)
    for task in range(2):

        def rows(batch, task=task):
            return np.stack([batch.inputs[task, :, 0], np.ones(batch.inputs.shape[1])], 1), batch.targets[
                task, :, 0
            ].numpy()

        inputs, targets = rows(found.episode.support)
        hessian = 2 * inputs.T @ inputs / len(inputs) + proximal * np.eye(2)
        solution = np.linalg.solve(hessian, 2 * inputs.T @ targets / len(inputs) + proximal * start)
        inputs, targets = rows(found.episode.query)
        slope = 2 * inputs.T @ (inputs @ solution - targets) / len(inputs)
        total += proximal * np.linalg.solve(hessian, slope)
    return total


def meta_gradient(found, compiled=False):
    run = graphs.shard_gradient(found.parts, found.plan.execution.chunk, compiled)
    return run(found.meta, found.episode, found.key, tf.constant(0))[0]


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize(
    ("solver", "fields"), [("exact", {}), ("cg", {"iterations": 3}), ("neumann", {"terms": 800, "scale": 0.05})]
)
def test_equals_the_exact_inverse_on_a_quadratic(solver, fields, compiled):
    found = quadratic(kind("solvers", solver, **fields))
    slopes = meta_gradient(found, compiled)
    both = np.concatenate([slopes["inner.init/head.kernel"].numpy().ravel(), slopes["inner.init/head.bias"]])
    np.testing.assert_allclose(both, closed_form(found, 0.7), rtol=1e-9)


def test_identity_is_the_query_gradient():
    """With proximal p and scale 1 / p: first-order iMAML."""
    found = quadratic(kind("solvers", "identity", scale=1 / 0.7))
    slopes = meta_gradient(found)
    learning = found.parts.learning
    settings, params, episode = learning.start(found.meta, found.episode, found.key)
    method = learning.method(1)
    state = method.step(settings, method.init(settings, episode.support, params), episode.support, 0)
    query = learning.problem(1).gradient(state.params, episode.query)
    for name, slope in query.items():
        np.testing.assert_allclose(slopes[f"inner.init/{name}"], tf.reduce_sum(slope, 0), rtol=1e-9)


@pytest.mark.parametrize("inner", ["sgd", "momentum", "adam", "lbfgs"])
def test_does_not_depend_on_how_the_minimum_was_reached(inner):
    fields = {"sgd": {"lr": 0.2}, "momentum": {"lr": 0.05}, "adam": {"lr": 0.3}, "lbfgs": {}}[inner]
    found = quadratic(kind("solvers", "exact"), inner=inner, steps=500, tolerance=1e-9, **fields)
    slopes = meta_gradient(found)
    both = np.concatenate([slopes["inner.init/head.kernel"].numpy().ravel(), slopes["inner.init/head.bias"]])
    np.testing.assert_allclose(both, closed_form(found, 0.7), rtol=1e-5)


LEARNED = {
    "init": {"proximal": 0.5},
    "l2": {"l2": learned(0.2, name="inner.l2", scale="log"), "proximal": 0.1},
    "l2 per parameter": {"l2": learned(0.2, per=("parameter",), name="inner.l2", scale="log")},
    "l2 per layer": {"l2": learned(0.2, per=("layer",), name="inner.l2")},
    "proximal": {"proximal": learned(0.4, name="inner.proximal")},
    "proximal per tensor": {"proximal": learned(0.4, per=("tensor",), name="inner.proximal", scale="log")},
    "by part": {"l2": Parts(parts={"head": learned(0.2, name="inner.l2.head"), "rest": 0.3}), "proximal": 0.2},
}
QUICK = {("newton", "init", "head"), ("newton", "l2 per parameter", "all"), ("lbfgs", "proximal", "head")}


def matrix():
    for inner in ("newton", "lbfgs", "sgd", "momentum", "adam"):
        for what in LEARNED:
            for adapt in ("head", "all", "body"):
                quick = (inner, what, adapt) in QUICK
                yield pytest.param(inner, what, adapt, marks=() if quick else pytest.mark.slow)


STEPS = {
    "newton": {"steps": 60, "tolerance": 1e-11},
    "lbfgs": {"steps": 200, "tolerance": 1e-9},
    "sgd": {"steps": 6000, "lr": 0.3, "tolerance": 1e-9},
    "momentum": {"steps": 3000, "lr": 0.1, "tolerance": 1e-9},
    "adam": {"steps": 4000, "lr": 0.03, "tolerance": 1e-8, "beta2": 0.9},
}


@pytest.mark.parametrize(("inner", "what", "adapt"), list(matrix()))
def test_against_differences(inner, what, adapt):
    """Through the inner loop to its tolerance, which bounds the agreement."""
    config = kind("inner", inner, init=learned("glorot_uniform"), adapt=adapt, **LEARNED[what], **STEPS[inner])
    bound = 1e-6 if inner == "newton" and adapt == "head" else 1e-4
    found = case(SINE, TANH, config, EXACT)
    assert relative_error(found) < bound


def test_softmax_head():
    config = kind(
        "inner", "newton", init=learned("glorot_uniform"), adapt="head", proximal=0.5, steps=30, tolerance=1e-11
    )
    model = kind("models", "mlp", hidden=(3,), activation="tanh")
    assert relative_error(case(GLYPH_TASK, model, config, EXACT)) < 1e-6

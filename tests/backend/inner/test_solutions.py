"""newton and lbfgs against scikit-learn, on heads and beyond."""

import numpy as np
import pytest
import tensorflow as tf
from sklearn.linear_model import LogisticRegression

from metaspec.backend.inner import inner_loss
from metaspec.backend.trees import norms
from tests.backend.differences import case, kind, learned
from tests.backend.inner.test_heads import TASKS, WAYS, WIDTH, clouds
from tests.backend.small import GLYPH_TASK

SINE = kind("tasks", "sinusoid", shots=6, queries=3)


def run(inner, support, compiled):
    """The state after all steps of a head alone on given features."""
    made = case(GLYPH_TASK, kind("models", "linear"), inner, kind("metagrads", "unroll"), compiled=compiled)
    problem = made.parts.learning.problem(1)
    problem = problem._replace(outputs=WAYS)
    from metaspec.backend.learning import completed

    method = completed(inner, problem)
    settings = made.parts.learning.start(made.meta, made.episode, made.key).settings

    @tf.function(jit_compile=compiled, autograph=False)
    def solve(inputs, targets):
        params = {
            "head.kernel": tf.zeros((TASKS, WIDTH, WAYS), tf.float64),
            "head.bias": tf.zeros((TASKS, WAYS), tf.float64),
        }
        batch = type(support)(inputs, targets)
        state = method.init(settings, batch, params)
        return tf.while_loop(
            lambda n, _: n < inner.steps,
            lambda n, s: (n + 1, method.step(settings, s, batch, n)),
            (tf.constant(0), state),
            maximum_iterations=inner.steps,
        )[1].params

    return solve(support.inputs, support.targets)


@pytest.mark.parametrize(
    ("shots", "compiled"),
    [(1, False), (5, True), *(pytest.param(*each, marks=pytest.mark.slow) for each in ((1, True), (5, False)))],
)
@pytest.mark.parametrize("name", ["newton", "lbfgs"])
def test_softmax_head_is_that_of_scikit_learn(name, shots, compiled):
    """Both forms of the Newton system: support * ways below and above (features + 1) * ways."""
    support, l2 = clouds(shots, 1.0), 0.1
    inner = kind("inner", name, init=learned("zeros"), adapt="head", l2=l2, tolerance=1e-9, steps=60)
    params = run(inner, support, compiled)
    items = WAYS * shots
    for task in range(TASKS):
        rows = np.concatenate([support.inputs[task].numpy(), np.ones((items, 1))], 1)
        oracle = LogisticRegression(C=1 / (l2 * items), fit_intercept=False, tol=1e-12, max_iter=10_000)
        oracle.fit(rows, support.targets[task].numpy())
        found = np.concatenate([params["head.kernel"][task], params["head.bias"][task][None]])
        np.testing.assert_allclose(found.T, oracle.coef_, atol=1e-6)


@pytest.mark.parametrize("name", ["newton", "lbfgs"])
def test_descends_beyond_the_head(name):
    """On a loss that is not convex: every step lowers it, and the residual falls under the tolerance."""
    inner = kind("inner", name, init=learned("glorot_uniform"), proximal=0.3, steps=80, tolerance=1e-7)
    made = case(SINE, kind("models", "mlp", hidden=(5,), activation="tanh"), inner, kind("metagrads", "unroll"))
    learning = made.parts.learning
    method, problem = learning.method(1), learning.problem(1)
    settings, params, episode = learning.start(made.meta, made.episode, made.key)
    state = method.init(settings, episode.support, params)

    @tf.function(autograph=False)
    def step(state, number):
        return method.step(settings, state, episode.support, number)

    losses = [inner_loss(problem, settings, state, episode.support, 0)]
    for number in range(inner.steps):
        state = step(state, tf.constant(number))
        losses.append(inner_loss(problem, settings, state, episode.support, 0))
    assert np.all(np.diff(np.stack(losses), axis=0) <= 1e-12)
    assert np.all(norms(method.residual(settings, state, episode.support)) <= inner.tolerance)

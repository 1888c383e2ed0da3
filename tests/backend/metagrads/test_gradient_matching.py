"""Gradient matching: the distance in NumPy, and its gradient against central differences in float64."""

import numpy as np
import pytest
import tensorflow as tf

from metaspec.backend.inner import support_gradient
from metaspec.backend.metagrads.gradient_matching import distance
from tests.backend.differences import case, kind, learned

STEP = 1e-6


def matching(distance: str, **task):
    data = kind("data", "digits", validation=0.3, test=0.3)
    source = learned(kind("sources", "examples", labels="learned"), name="task.train_on")
    return case(
        kind("tasks", "training", data=data, train_on=source, **task),
        kind("models", "mlp", hidden=(4,), activation="tanh"),
        kind("inner", "sgd", steps=3, lr=0.2),
        kind("metagrads", "gradient_matching", distance=distance),
        tasks=1,
    )


def expected(own, meta, along: list) -> tf.Tensor:
    """The mean distance at given weights, each from the formula of the paper."""
    learning = own.parts.learning
    problem = learning.problem(1)

    def own_loss(params, batch):
        return learning.measure.loss(problem.predict(params, batch.inputs), batch.targets)

    total, start = 0.0, learning.start(meta, own.episode, own.key)
    for params in along:
        one = problem.gradient(params, start.episode.support)
        other = support_gradient(own_loss, problem.adapted, 1)(params, start.episode.query)
        for name in one:
            left, right = one[name].numpy()[0], other[name].numpy()[0]
            if own.plan.spec.metagrad.distance == "squares":
                total += np.square(left - right).sum()
            elif left.ndim == 2:
                norms = np.linalg.norm(left, axis=0) * np.linalg.norm(right, axis=0)
                total += (1 - (left * right).sum(axis=0) / norms).sum()
    return total / len(along)


@pytest.mark.parametrize("name", ["cosine", "squares"])
def test_the_meta_gradient_is_that_of_the_distance_with_the_weights_held_constant(name):
    own = matching(name)
    learning = own.parts.learning
    method, start = learning.method(1), learning.start(own.meta, own.episode, own.key)
    state = method.init(start.settings, start.episode.support, start.params)
    along = []
    for number in range(own.plan.steps):
        along.append(state.params)
        state = method.step(start.settings, state, start.episode.support, number)
    found = tf.function(own.parts.meta_gradient)(own.meta, own.episode, own.key, 0)[0]
    draw = np.random.default_rng(0)
    for key, value in own.meta.items():
        direction = draw.choice([-1.0, 1.0], value.shape)
        ahead, behind = (expected(own, {**own.meta, key: value + s * STEP * direction}, along) for s in (1, -1))
        assert float(tf.reduce_sum(found[key] * direction)) == pytest.approx((ahead - behind) / (2 * STEP), rel=1e-5)


def test_equal_gradients_have_no_distance():
    draw = np.random.default_rng(0)
    tree = {"a": tf.constant(draw.standard_normal((2, 3, 4))), "b": tf.constant(draw.standard_normal((2, 4)))}
    for name in ("cosine", "squares"):
        np.testing.assert_allclose(distance(name, tree, tree), [0, 0], atol=1e-14)
    opposite = {name: -value for name, value in tree.items()}
    np.testing.assert_allclose(distance("cosine", tree, opposite), [8, 8])

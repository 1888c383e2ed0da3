"""Solvers of the implicit system against numpy, on matrices known only by their products."""

import numpy as np
import pytest
import tensorflow as tf

from metaspec.backend.learning import executor
from metaspec.backend.solvers import System
from metaspec.backend.solvers.cg import conjugate_gradients
from metaspec.backend.solvers.dense import eliminated, solve_symmetric
from metaspec.backend.trees import tree_of, vector
from tests.backend.differences import kind

TASKS, SIZE = 3, 7
DRAW = np.random.default_rng(0)
ROOTS = DRAW.standard_normal((TASKS, SIZE, SIZE))
MATRICES = np.matmul(ROOTS, ROOTS.transpose(0, 2, 1)) / SIZE + 0.3 * np.eye(SIZE)
RIGHT = {
    "a.kernel": tf.constant(DRAW.standard_normal((TASKS, 2, 3))),
    "a.bias": tf.constant(DRAW.standard_normal((TASKS, 1))),
}


def product(tree):
    return tree_of(tf.linalg.matvec(tf.constant(MATRICES), vector(tree)), RIGHT)


def solved(matrices) -> np.ndarray:
    return np.linalg.solve(matrices, vector(RIGHT).numpy()[..., None])[..., 0]


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize(
    ("name", "fields", "shift"),
    [
        ("exact", {}, 0.0),
        ("exact", {"damping": 0.5}, 0.5),
        ("cg", {"iterations": 20}, 0.0),
        ("cg", {"iterations": 20, "damping": 0.5}, 0.5),
        ("neumann", {"terms": 2000, "scale": 0.2}, 0.0),
    ],
)
def test_solvers_agree_with_numpy(name, fields, shift, compiled):
    config = kind("solvers", name, **fields)

    @tf.function(jit_compile=compiled, autograph=False)
    def run(right):
        return executor(config).solve(config, System(product, right, None))

    np.testing.assert_allclose(vector(run(RIGHT)), solved(MATRICES + shift * np.eye(SIZE)), rtol=1e-8, atol=1e-10)


def test_a_short_series_by_its_sum():
    """The step is the inner step size at each parameter, where none is given."""
    rates = {"a.kernel": tf.constant(0.1, tf.float64), "a.bias": tf.constant(0.2, tf.float64)}
    config = kind("solvers", "neumann", terms=3)
    found = vector(executor(config).solve(config, System(product, RIGHT, rates)))
    scale = np.diag([0.1] * 6 + [0.2])
    for task in range(TASKS):
        once = np.eye(SIZE) - scale @ MATRICES[task]
        total = (np.eye(SIZE) + once + once @ once) @ vector(RIGHT)[task].numpy()
        np.testing.assert_allclose(found[task], scale @ total, rtol=1e-12)


def test_identity_scales():
    config = kind("solvers", "identity", scale=0.5)
    np.testing.assert_array_equal(
        vector(executor(config).solve(config, System(product, RIGHT, None))), 0.5 * vector(RIGHT)
    )


def test_conjugate_gradients_stop_at_negative_curvature():
    """The result is still a direction of descent, for the negative gradient as the right-hand side."""
    bent = MATRICES - 1.5 * np.eye(SIZE)
    found = conjugate_gradients(
        lambda tree: tree_of(tf.linalg.matvec(tf.constant(bent), vector(tree)), RIGHT),
        RIGHT,
        20,
        0.0,
        1e-10,
        indefinite=True,
    )
    assert np.all(np.linalg.eigvalsh(bent)[:, 0] < 0)
    assert np.all(np.sum(vector(found) * vector(RIGHT), axis=1) > 0)


@pytest.mark.parametrize("compiled", [False, True])
def test_dense_solution_and_its_derivatives(compiled):
    matrix, right = tf.constant(MATRICES), tf.constant(DRAW.standard_normal((TASKS, SIZE, 2)))

    def value(matrix, right):
        return tf.reduce_sum(tf.sin(solve_symmetric(matrix, right, compiled)))

    np.testing.assert_allclose(eliminated(matrix, right), np.linalg.solve(MATRICES, right), rtol=1e-10)
    direction = tf.constant(DRAW.standard_normal((SIZE, SIZE)))
    direction = direction + tf.transpose(direction)
    with tf.GradientTape() as outer:
        outer.watch(matrix)
        with tf.GradientTape() as inner:
            inner.watch([matrix, right])
            total = value(matrix, right)
        slope, other = inner.gradient(total, [matrix, right])
        along = tf.reduce_sum(slope * direction)
    second = tf.reduce_sum(outer.gradient(along, matrix) * direction)
    step = 1e-5

    def at(shift):
        return float(value(matrix + shift * direction, right))

    np.testing.assert_allclose(along, (at(step) - at(-step)) / (2 * step), rtol=1e-6)
    np.testing.assert_allclose(second, (at(1e-4) - 2 * at(0.0) + at(-1e-4)) / 1e-8, rtol=1e-4)
    sideways = DRAW.standard_normal(right.shape)
    moved = (value(matrix, right + step * sideways) - value(matrix, right - step * sideways)) / (2 * step)
    np.testing.assert_allclose(np.sum(other * sideways), moved, rtol=1e-6)

"""Forward-mode meta-gradients against central differences, and against reverse mode."""

import numpy as np
import pytest
import tensorflow as tf

from metaspec.backend import compile as graphs
from metaspec.backend.metagrads.forward import pushed
from tests.backend.differences import case, kind, learned, relative_error
from tests.backend.small import SINE, TANH

SMALL = kind("models", "mlp", hidden=(3,), activation="tanh")
CASES = [
    ("sgd", {"init": learned("glorot_uniform"), "lr": learned(0.1, per=("layer",), name="inner.lr")}, None),
    (
        "momentum",
        {"lr": learned(0.05, name="inner.lr", scale="log"), "decay": learned(0.5, name="inner.decay")},
        "mean",
    ),
    ("adam", {"lr": learned(0.05, per=("tensor", "step"), name="inner.lr")}, None),
    ("sgd", {"init": learned("glorot_uniform"), "lr": 0.1, "adapt": "head"}, None),
]


@pytest.mark.parametrize(("inner", "fields", "objective"), CASES)
def test_against_differences(inner, fields, objective):
    found = case(SINE, SMALL, kind("inner", inner, steps=3, **fields), kind("metagrads", "forward", chunk=4), objective)
    assert relative_error(found) < 1e-6


def total(one):
    """The meta-gradient and the metrics of a case, in a graph that is compiled where its plan says so."""

    @tf.function(autograph=False, jit_compile=one.plan.execution.compiled)
    def run(meta):
        return graphs.chunked(one.parts, meta, one.episode, one.key, 2)

    return run(one.meta)


@pytest.mark.parametrize("chunk", [7, pytest.param(64, marks=pytest.mark.slow)])
def test_compiled_and_equal_to_reverse_mode_for_any_chunk(chunk):
    inner = kind("inner", "sgd", init="ones", steps=12, lr=learned(0.1, per=("layer", "step"), name="inner.lr"))
    found = []
    for metagrad in (kind("metagrads", "forward", chunk=chunk), kind("metagrads", "unroll")):
        found.append(total(case(SINE, TANH, inner, metagrad, "mean", compiled=metagrad.name == "forward")))
    for name, value in found[0][0].items():
        assert value.shape == (12, 3)
        np.testing.assert_allclose(value, found[1][0][name], rtol=1e-8, atol=1e-12)
    np.testing.assert_allclose(found[0][1]["query_loss"], found[1][1]["query_loss"], rtol=1e-10)


def test_a_tangent_is_the_jacobian_times_a_direction():
    draw = np.random.default_rng(0)
    matrix, at = tf.constant(draw.standard_normal((3, 4))), tf.constant(draw.standard_normal(4))
    directions = tf.constant(draw.standard_normal((5, 4)))
    (value,), (tangents,) = pushed(lambda x: [tf.sin(tf.linalg.matvec(matrix, x[0]))], [at], [directions])
    inside = matrix.numpy() @ at.numpy()
    np.testing.assert_allclose(value, np.sin(inside))
    np.testing.assert_allclose(tangents, directions.numpy() @ (np.cos(inside)[:, None] * matrix.numpy()).T)

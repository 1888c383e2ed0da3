"""Meta-gradients through convolutions and normalisation against float64 central differences."""

from itertools import product

import pytest

from metaspec.spec.shapes import Signature
from tests.backend.differences import case, kind, learned, relative_error

GLYPHS = kind(
    "data", "glyphs", alphabets=4, characters=3, drawings=4, split=kind("splits", "classes", validation=2, test=2)
)
TASK = kind("tasks", "fewshot", data=GLYPHS, ways=2, shots=2, queries=1)


def matrix():
    for norm, downsample, order in product(["none", "batch", "layer", "group"], ["stride", "pool"], [1, 2]):
        quick = order == 2 and (norm == "batch" or (norm, downsample) == ("none", "stride"))
        yield pytest.param(norm, downsample, order, marks=() if quick else pytest.mark.slow)


@pytest.mark.parametrize(("norm", "downsample", "order"), list(matrix()))
def test_meta_gradient(norm, downsample, order):
    model = kind("models", "conv4", filters=2, groups=2, norm=norm, downsample=downsample)
    inner = kind(
        "inner", "sgd", init=learned("glorot_uniform"), lr=learned(0.1, per=("layer",), name="inner.lr"), steps=2
    )
    found = case(TASK, model, inner, kind("metagrads", "unroll", order=order))
    assert relative_error(found, constant_gradients=order == 1) < 1e-6


def test_parameters_of_the_published_network():
    model = kind("models", "conv4", filters=64)
    parameters = model.parameters(Signature((28, 28, 1), 5, "cross_entropy", 5, 5))
    # 112,261 in Finn et al.'s code for five ways.
    assert sum(parameter.size for parameter in parameters) == 112_261
    pooled = kind("models", "conv4", filters=32, downsample="pool")
    head = pooled.parameters(Signature((84, 84, 3), 5, "cross_entropy", 5, 5))[-2]
    assert head.shape == (5 * 5 * 32, 5)

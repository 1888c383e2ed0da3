"""Conditioning inputs (CAVIA), widths and nonlinearities of convolutions: meta-gradients, and what context does."""

import numpy as np
import pytest
import tensorflow as tf

from metaspec.spec.shapes import Signature
from metaspec.spec.values import Parts
from tests.backend.differences import case, kind, learned, relative_error
from tests.backend.small import GLYPH_TASK, SINE

CAVIA = {"init": Parts(parts={"context": "zeros", "rest": learned("glorot_uniform")}), "adapt": ("context",), "lr": 0.5}
CONV = {"filters": (2, 3), "context": 2, "norm": "layer", "downsample": "pool"}


@pytest.mark.parametrize(
    "model",
    [
        kind("models", "mlp", hidden=(5,), activation="tanh", context=2),
        kind("models", "conv", **CONV),
    ],
)
def test_cavia(model):
    task = SINE if model.name == "mlp" else GLYPH_TASK
    found = case(task, model, kind("inner", "sgd", steps=2, **CAVIA), kind("metagrads", "unroll"))
    assert "inner.init/context.inputs" not in found.meta
    assert relative_error(found) < 1e-6


@pytest.mark.parametrize("model", [kind("models", "mlp", hidden=(5,), context=2), kind("models", "conv", **CONV)])
def test_context_changes_predictions(model):
    task = SINE if model.name == "mlp" else GLYPH_TASK
    found = case(
        task, model, kind("inner", "sgd", steps=1, init=learned("glorot_uniform")), kind("metagrads", "unroll")
    )
    learning = found.parts.learning
    _, params, episode = learning.start(found.meta, found.episode, found.key)
    moved = {**params, "context.inputs": params["context.inputs"] + 1.0}
    first, second = (learning.problem(1).predict(p, episode.query.inputs) for p in (params, moved))
    assert np.max(np.abs(first - second)) > 1e-3


def test_network_of_r2d2():
    model = kind("models", "conv", filters=(96, 192, 384, 512), downsample="pool", slope=0.1, outputs=2)
    head = model.parameters(Signature((28, 28, 1), 5, "cross_entropy", 5, 5))[-2]
    # 3x3 pixels of 384 channels and one of 512, flattened side by side.
    assert head.shape == (9 * 384 + 512, 5)


def test_slope_below_zero():
    model = kind("models", "conv", filters=(2, 2), slope=0.1, outputs=2, norm="none")
    inner = kind("inner", "sgd", init=learned("glorot_uniform"), lr=0.1)
    assert relative_error(case(GLYPH_TASK, model, inner, kind("metagrads", "unroll"))) < 1e-6
    assert tf.reduce_sum(model.widths) == 4

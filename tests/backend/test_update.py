"""Clipping of meta-gradients, and the norm that is reported."""

import numpy as np
import pytest
import tensorflow as tf

from metaspec.backend.update import clip, length, scheduled
from metaspec.kinds.outers.sgd import Sgd
from metaspec.spec.values import Decay

GRADIENT = {"a": tf.constant([3.0, -40.0]), "b": tf.constant([[12.0]])}


def test_entries_are_clipped_before_the_norm():
    found = clip(GRADIENT, Sgd(clip=4.0, clip_norm=1.0))
    whole = np.array([3.0, -4.0, 4.0])
    np.testing.assert_allclose([*found["a"], *found["b"][0]], whole / np.linalg.norm(whole), rtol=1e-6)


def test_a_short_gradient_stays_as_it_is():
    found = clip(GRADIENT, Sgd(clip=50.0, clip_norm=50.0))
    assert all(np.array_equal(found[key], value) for key, value in GRADIENT.items())


@pytest.mark.parametrize("size", [1e-30, 1.0, 1e30])
def test_a_gradient_of_any_size_has_a_norm_and_a_direction(size):
    """Its squares are neither 0 nor infinite, as they would be in single precision."""
    huge = {key: value * tf.constant(size, tf.float32) for key, value in GRADIENT.items()}
    norm = float(np.sqrt(9.0 + 1600.0 + 144.0))
    assert float(length(huge.values())) == pytest.approx(size * norm, rel=1e-6)
    found = clip(huge, Sgd(clip_norm=min(1.0, size)))
    np.testing.assert_allclose(found["a"], np.array([3.0, -40.0]) * min(1.0, size) / norm, rtol=1e-6)


@pytest.mark.parametrize(
    ("schedule", "at", "value"),
    [
        (Decay(schedule="cosine", arguments=(1.0, 0.2)), 0, 1.0),
        (Decay(schedule="cosine", arguments=(1.0, 0.2)), 9, 0.2),
        (Decay(schedule="cosine", arguments=(1.0, 0.2)), 14, 0.2),
        (Decay(schedule="step", arguments=(1.0, 0.5, 4)), 9, 0.25),
        (Decay(schedule="warmup", arguments=(4, 2.0)), 1, 1.0),
        (Decay(schedule="warmup", arguments=(4, 2.0)), 9, 2.0),
    ],
)
def test_a_schedule_over_ten_meta_iterations(schedule, at, value):
    """Beyond its end a cosine stays there."""
    assert float(scheduled(schedule, tf.constant(at), 10, tf.float64)) == pytest.approx(value)

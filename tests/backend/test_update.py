"""Clipping of meta-gradients, and the norm that is reported."""

import numpy as np
import pytest
import tensorflow as tf

from metaspec.backend.update import clip, length
from metaspec.kinds.outers.sgd import Sgd

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

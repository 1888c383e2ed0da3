"""What is said of the end of training: of curves whose answer is known."""

import numpy as np
import pytest

from metaspec.report.levelling import levelling


def updates(values, metric="accuracy", **more):
    return [{"iteration": at + 1, "query_loss": 1.0, metric: float(value)} | more for at, value in enumerate(values)]


def noise(count, size=0.05):
    return np.random.default_rng(0).normal(0.0, size, count)


@pytest.mark.parametrize(
    ("slope", "metric", "words"),
    [
        (0.0, "accuracy", "training had levelled off"),
        (0.002, "accuracy", "rose by"),
        (0.002, "accuracy", "had not levelled off"),
        (-0.002, "accuracy", "getting worse"),
        (-0.002, "query_loss", "had not levelled off"),
        (0.002, "query_loss", "getting worse"),
        (0.002, "return", "had not levelled off"),
    ],
)
def test_last_fifth_is_held_against_the_one_before(slope, metric, words):
    text = levelling(updates(slope * np.arange(500) + noise(500), metric))
    assert words in text
    assert "meta-iterations 401 to 500" in text


def test_change_is_the_difference_of_the_means():
    values = np.r_[np.zeros(60), np.tile([0.4, 0.6], 10), np.tile([0.5, 0.7], 10)]
    text = levelling(updates(values))
    half = 1.96 * np.sqrt(2 * np.var([0.4, 0.6] * 10, ddof=1) / 20)
    assert f"rose by 0.1 ± {half:.2g}" in text


@pytest.mark.parametrize("found", [(), updates(noise(49)), updates([*noise(99), np.nan]), updates([])])
def test_too_little_to_say(found):
    assert levelling(found) == ""


def test_norm_of_the_gradient_is_not_what_it_is_about():
    lines = [{"iteration": at, "query_loss": 1 / at, "gradient_norm": at} for at in range(1, 101)]
    assert "the query loss of training tasks fell" in levelling(lines)

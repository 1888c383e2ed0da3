"""Trajectories, returns and the linear baseline, each written out once more in NumPy."""

import numpy as np
import pytest
import tensorflow as tf

from metaspec.backend.keys import fold, stream
from metaspec.backend.policies.advantages import advantages, normalised, returns
from metaspec.backend.policies.gaussian import Gaussian, divergence, log_probabilities
from metaspec.backend.policies.trajectories import Trajectories, draws, sampled
from metaspec.backend.tasks.navigation import environment
from metaspec.kinds.tasks.navigation import Navigation


@pytest.fixture
def found() -> Trajectories:
    """Two tasks, three trajectories of five steps, of which the first of task 0 ends after two."""
    draw = np.random.default_rng(1)
    taken = np.ones((2, 3, 5))
    taken[0, 0, 2:] = 0.0
    rewards = draw.standard_normal((2, 3, 5)) * taken
    values = (draw.standard_normal((2, 3, 5, 2)), draw.standard_normal((2, 3, 5, 1)), rewards, taken)
    return Trajectories(*map(tf.constant, values))


def test_returns_are_sums_of_what_follows(found: Trajectories):
    expected = np.zeros((2, 3, 5))
    for step in range(5):
        for later in range(step, 5):
            expected[:, :, step] += 0.9 ** (later - step) * found.rewards.numpy()[:, :, later]
    assert returns(found, 0.9).numpy() == pytest.approx(expected)
    assert returns(found, 0.0).numpy() == pytest.approx(found.rewards.numpy())


def test_baseline_is_fitted_on_the_other_half(found: Trajectories):
    seen, time = found.observations.numpy(), np.broadcast_to(np.arange(5)[:, np.newaxis] / 100, (2, 3, 5, 1))
    x = np.concatenate([seen, seen**2, time, time**2, time**3, np.ones_like(time)], axis=-1)
    y, taken = returns(found, 0.9).numpy(), found.taken.numpy()
    expected = np.zeros_like(y)
    for task in range(2):
        for fit, use in ((slice(0, 1), slice(1, 3)), (slice(1, 3), slice(0, 1))):
            kept = taken[task, fit] == 1
            rows, values = x[task, fit][kept], y[task, fit][kept]
            gram = rows.T @ rows / len(rows) + 1e-5 * np.eye(8)
            expected[task, use] = y[task, use] - x[task, use] @ np.linalg.solve(gram, rows.T @ values / len(rows))
    assert advantages(found, 0.9, "linear").numpy() == pytest.approx(expected * taken, rel=1e-6, abs=1e-8)


def test_normalised_over_the_steps_taken(found: Trajectories):
    values = normalised(advantages(found, 0.9, "none"), found.taken).numpy()
    for task in range(2):
        own = values[task][found.taken.numpy()[task] == 1]
        assert (own.mean(), own.std()) == pytest.approx((0.0, 1.0), abs=1e-6)


def test_trajectories_end_at_the_goal():
    config = Navigation(horizon=6, radius=0.01)
    rules = {"goal": tf.constant([[0.2, 0.0], [0.5, 0.5]], tf.float64)}
    world = environment(config, tf.float64)
    given = draws(world, rules, 2, 3, 6, fold(stream(0, "plane"), 0), tf.float64)

    def act(observations: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        return tf.broadcast_to(tf.constant([1.5, 0.0], tf.float64), observations.shape), tf.zeros((2, 1, 2), tf.float64)

    found = sampled(world, act, given._replace(noise=tf.zeros_like(given.noise)))
    # Always to the right at full speed, 0.1: after two steps the goal of task 0 is reached.
    assert found.observations.numpy()[0, 0, :3, 0] == pytest.approx([0.0, 0.1, 0.2])
    assert found.taken.numpy()[:, 0].tolist() == [[1, 1, 0, 0, 0, 0], [1] * 6]
    assert found.rewards.numpy()[0, 0] == pytest.approx([-0.01, 0, 0, 0, 0, 0], abs=1e-15)
    assert found.rewards.numpy()[1, 0, 0] == pytest.approx(-(0.4**2) - 0.5**2)


def test_densities_and_divergences():
    old = Gaussian(tf.constant([[[[0.1, 0.4]]]], tf.float64), tf.constant([[-0.2, 0.3]], tf.float64))
    new = Gaussian(tf.constant([[[[0.3, 0.1]]]], tf.float64), tf.constant([[0.1, -0.1]], tf.float64))
    draw = np.random.default_rng(0).standard_normal((1, 1, 400_000, 2))
    actions = tf.constant(old.mean + tf.exp(old.log_deviation) * draw)
    apart = (log_probabilities(old, actions) - log_probabilities(new, actions)).numpy()
    error = apart.std() / np.sqrt(apart.size)
    assert abs(apart.mean() - divergence(old, new).numpy().item()) < 4 * error < 0.01
    density = np.exp(-0.5 * ((0.7 - 0.1) / np.exp(-0.2)) ** 2) / (np.exp(-0.2) * np.sqrt(2 * np.pi))
    density *= np.exp(-0.5 * ((0.2 - 0.4) / np.exp(0.3)) ** 2) / (np.exp(0.3) * np.sqrt(2 * np.pi))
    at = tf.constant([[[[0.7, 0.2]]]], tf.float64)
    assert log_probabilities(old, at).numpy().item() == pytest.approx(np.log(density))

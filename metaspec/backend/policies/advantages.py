"""Returns from each step on, and what a linear baseline makes of them. Constants to whoever differentiates."""

import tensorflow as tf

from metaspec.backend.policies.trajectories import Trajectories

# Of the mean square of the features, added to the diagonal of the normal equations (as rllab has it, per item).
RIDGE = 1e-5
# Observations are cut to this size before they are squared, and steps counted in hundreds, as by Duan et al. 2016.
LARGEST, HUNDRED = 10.0, 100.0


def returns(found: Trajectories, discount: float) -> tf.Tensor:
    """The discounted sum of rewards from each step on, (tasks, trajectories, steps)."""
    # G_t = sum over s >= t of discount^(s - t) r_s: one product with a triangular matrix.
    steps = found.rewards.shape[2]
    ahead = tf.range(steps)[:, tf.newaxis] - tf.range(steps)  # [s, t]
    powers = tf.pow(tf.constant(discount, found.rewards.dtype), tf.cast(tf.maximum(ahead, 0), found.rewards.dtype))
    weights = tf.where(ahead >= 0, powers, tf.zeros_like(powers))
    return tf.einsum("nks,st->nkt", found.rewards, weights)


def advantages(found: Trajectories, discount: float, baseline: str) -> tf.Tensor:
    """Returns minus the baseline, 0 behind the end of a trajectory: (tasks, trajectories, steps)."""
    values = returns(found, discount)
    if baseline == "linear" and values.shape[1] > 1:
        values -= tf.stop_gradient(predicted(found, values))
    return values * found.taken


def normalised(values: tf.Tensor, taken: tf.Tensor) -> tf.Tensor:
    """Mean 0 and deviation 1 over the steps that each task has taken."""
    count = tf.reduce_sum(taken, axis=(1, 2), keepdims=True)
    centred = (values - tf.reduce_sum(values * taken, axis=(1, 2), keepdims=True) / count) * taken
    variance = tf.reduce_sum(tf.square(centred), axis=(1, 2), keepdims=True) / count
    return centred / (tf.sqrt(variance) + 1e-8)


def predicted(found: Trajectories, values: tf.Tensor) -> tf.Tensor:
    """The linear baseline of each step: that of a trajectory was fitted on the other half of the task's trajectories.

    What a baseline is subtracted from must not have gone into it, or the estimate of the gradient is biased.
    """
    half = values.shape[1] // 2
    x, y, weights = features(found), tf.cast(values, tf.float64), tf.cast(found.taken, tf.float64)
    first, second = (fitted(x[:, part], y[:, part], weights[:, part]) for part in (slice(0, half), slice(half, None)))
    parts = [
        tf.einsum("nksf,nf->nks", x[:, :half], second),
        tf.einsum("nksf,nf->nks", x[:, half:], first),
    ]
    return tf.cast(tf.concat(parts, axis=1), values.dtype)


def features(found: Trajectories) -> tf.Tensor:
    """Observation, squares, time in hundreds of steps, its square and cube, 1: (tasks, trajectories, steps, features)."""
    seen = tf.clip_by_value(tf.cast(found.observations, tf.float64), -LARGEST, LARGEST)
    time = tf.range(seen.shape[2], dtype=tf.float64)[:, tf.newaxis] / HUNDRED
    clock = tf.concat([time, time**2, time**3, tf.ones_like(time)], axis=1)
    return tf.concat([seen, seen**2, tf.broadcast_to(clock, (*seen.shape[:3], 4))], axis=-1)


def fitted(x: tf.Tensor, y: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
    """The coefficients of least squares, (tasks, features), over steps of weight 1; in double precision."""
    count = tf.maximum(tf.reduce_sum(weights, axis=(1, 2)), 1.0)
    gram = tf.einsum("nksf,nksg,nks->nfg", x, x, weights) / count[:, tf.newaxis, tf.newaxis]
    right = tf.einsum("nksf,nks,nks->nf", x, y, weights) / count[:, tf.newaxis]
    gram += RIDGE * tf.eye(x.shape[-1], dtype=tf.float64)
    return tf.linalg.cholesky_solve(tf.linalg.cholesky(gram), right[..., tf.newaxis])[..., 0]

"""A plane of one or two steps, whose expected return after adaptation is known up to quadrature.

Everything is written out once more, in NumPy: a policy with mean x K + b and deviation exp(s), x the position.
"""

from itertools import product

import numpy as np

from metaspec.backend.program import Program
from metaspec.plan import make
from metaspec.resolve.pipeline import resolve
from metaspec.source import Source

GOAL, NODES = 0.3, 9
SPEC = """
language 1
task plane = navigation {{ goals = 0.3, speed = 1, radius = 0, horizon = {horizon}, shots = {shots}, queries = 2 }}
model policy = linear {{}}
inner = policy_gradient {{
  init = learned(zeros), lr = {lr}, steps = {steps}, discount = 1, sampling = {sampling}, normalise = false
}}
metagrad = unroll {{ order = {order} }}
outer = {outer}
train {{ tasks = 8, iterations = 2, seed = 3, precision = float64 }}
evaluate {{ tasks = 8 }}
"""
Theta = tuple[np.ndarray, np.ndarray, np.ndarray]  # K (..., 2, 2), b (..., 2), s (..., 2)


def program(
    horizon=1, shots=2, lr=0.05, steps=1, sampling="counted", order=2, outer="sgd {}", compiled=True
) -> Program:
    fields = {"horizon": horizon, "shots": shots, "lr": lr, "steps": steps, "sampling": sampling, "order": order}
    plan = make(resolve(Source("plane", SPEC.format(**fields, outer=outer))).required())
    execution = plan.execution.model_copy(update={"compiled": compiled})
    return Program(plan.model_copy(update={"execution": execution}))


# Small actions, so that the clipping of a velocity to -1..1 is four deviations away; after adaptation too, with the small
# step sizes of the tests.
START: Theta = (np.array([[0.2, -0.1], [0.1, 0.3]]), np.array([0.1, -0.1]), np.array([-1.6, -1.7]))
KEYS = ("inner.init/head.kernel", "inner.init/head.bias", "inner.init/log_deviation.bias")


def meta(theta: Theta = START) -> dict[str, np.ndarray]:
    return {f"meta/{key}": value for key, value in zip(KEYS, theta, strict=True)}


def expected_return(theta: Theta, horizon: int) -> np.ndarray:
    """In closed form: positions are Gaussian."""
    kernel, bias, deviation = theta
    variance = np.exp(2 * deviation)
    first = np.sum((bias - GOAL) ** 2 + variance, axis=-1)
    if horizon == 1:
        return -first
    through = np.eye(2) + kernel
    mean = np.einsum("...i,...ij->...j", bias, through) + bias
    spread = np.einsum("...i,...ij->...", variance, through**2) + variance.sum(axis=-1)
    return -first - np.sum((mean - GOAL) ** 2, axis=-1) - spread


def step(theta: Theta, noise: np.ndarray, horizon: int, lr: float) -> Theta:
    """One policy-gradient step from the standard normal `noise` (points, shots, horizon, 2)."""
    kernel, bias, deviation = theta
    sigma = np.exp(deviation)[..., np.newaxis, :]
    place, places, scores, rewards = np.zeros_like(noise[:, :, 0]), [], [], []
    for number in range(horizon):
        action = np.einsum("...ki,...ij->...kj", place, kernel) + bias[..., np.newaxis, :] + sigma * noise[:, :, number]
        places.append(place)
        scores.append(noise[:, :, number])
        place = place + action
        rewards.append(-np.sum((place - GOAL) ** 2, axis=-1))
    ahead = np.cumsum(np.array(rewards)[::-1], axis=0)[::-1]  # (horizon, points, shots)
    if noise.shape[1] == 2:
        # Of one step at the origin, the baseline of a trajectory is the other one's return, as ridge shrinks it.
        assert horizon == 1
        ahead = ahead - ahead[:, :, ::-1] / (1 + 1e-5)
    count = horizon * noise.shape[1]
    steps = [np.zeros((*noise.shape[:1], 2, 2)), np.zeros((*noise.shape[:1], 2)), np.zeros((*noise.shape[:1], 2))]
    for place, score, value in zip(places, scores, ahead, strict=True):
        weighted = value[..., np.newaxis] * score / sigma
        steps[0] += np.einsum("pki,pkj->pij", place, weighted)
        steps[1] += weighted.sum(axis=1)
        steps[2] += (value[..., np.newaxis] * (score**2 - 1)).sum(axis=1)
    return tuple(value + lr * each / count for value, each in zip(theta, steps, strict=True))


def after_adaptation(theta: Theta, horizon: int, shots: int, steps: int, lr: float) -> float:
    """The expected return of the adapted policy, by Gauss-Hermite quadrature over what the inner steps sample."""
    numbers = steps * shots * horizon * 2
    at, weight = np.polynomial.hermite_e.hermegauss(NODES)
    points = np.array(list(product(at, repeat=numbers))).reshape(-1, steps, shots, horizon, 2)
    weights = np.array(list(product(weight / weight.sum(), repeat=numbers))).prod(axis=1)
    theta = tuple(np.broadcast_to(value, (len(points), *value.shape)) for value in theta)
    for number in range(steps):
        theta = step(theta, points[:, number], horizon, lr)
    return float(weights @ expected_return(theta, horizon))


def exact_gradient(**toy) -> dict[str, np.ndarray]:
    """Of minus the expected return after adaptation, by central differences."""
    found = {}
    for place, key in enumerate(KEYS):
        slopes = np.zeros_like(START[place])
        for entry in np.ndindex(slopes.shape):
            ends = []
            for sign in (1e-5, -1e-5):
                theta = [value.copy() for value in START]
                theta[place][entry] += sign
                ends.append(after_adaptation(tuple(theta), **toy))
            slopes[entry] = -(ends[0] - ends[1]) / 2e-5
        found[key] = slopes
    return found

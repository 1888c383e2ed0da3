"""Covariance matrix adaptation, Hansen 2016: equations 9, 31, 32, 43 and 44, constants of table 1."""

import math
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from metaspec.backend.keys import normal
from metaspec.backend.records import ScoreMethod, Tree
from metaspec.kinds.outers.cma_es import CmaEs


class Constants(NamedTuple):
    """Of n numbers and a population; `weights` are those of the better half, in the order of their ranks."""

    weights: np.ndarray
    effective: float
    path_rate: float
    size_rate: float
    damping: float
    rank_one: float
    rank_mu: float
    expected: float  # length of a standard normal vector


def constants(numbers: int, population: int) -> Constants:
    raw = np.log((population + 1) / 2) - np.log(np.arange(1, population // 2 + 1))
    weights = raw / raw.sum()
    mu = 1 / float(np.square(weights).sum())
    n = numbers
    size_rate = (mu + 2) / (n + mu + 5)
    rank_one = 2 / ((n + 1.3) ** 2 + mu)
    return Constants(
        weights,
        mu,
        path_rate=(4 + mu / n) / (n + 4 + 2 * mu / n),
        size_rate=size_rate,
        damping=1 + 2 * max(0.0, math.sqrt((mu - 1) / (n + 1)) - 1) + size_rate,
        rank_one=rank_one,
        rank_mu=min(1 - rank_one, 2 * (mu - 2 + 1 / mu) / ((n + 2) ** 2 + mu)),
        expected=math.sqrt(n) * (1 - 1 / (4 * n) + 1 / (21 * n**2)),
    )


def flat(tree: Tree, ahead: tuple[int, ...] = ()) -> tf.Tensor:
    return tf.concat([tf.reshape(value, (*ahead, -1)) for value in tree.values()], axis=-1)


def like(vector: tf.Tensor, meta: Tree) -> Tree:
    sizes = [value.shape.num_elements() for value in meta.values()]
    ahead = tuple(vector.shape[:-1])
    parts = tf.split(vector, sizes, axis=-1)
    return {name: tf.reshape(part, (*ahead, *meta[name].shape)) for name, part in zip(meta, parts, strict=True)}


def method(config: CmaEs) -> ScoreMethod:
    def slots(meta):
        mean = flat(meta)
        zero, size = tf.zeros_like(mean), tf.constant(config.deviation, mean.dtype)
        return {
            "covariance": {"matrix": tf.eye(mean.shape[0], dtype=mean.dtype)},
            "path": {"size": zero, "covariance": zero},
            "step": {"size": size, "count": tf.zeros((), mean.dtype)},
        }

    def axes(slots) -> tuple[tf.Tensor, tf.Tensor]:
        """B and D of C = B D^2 B^T."""
        values, vectors = tf.linalg.eigh(slots["covariance"]["matrix"])
        return vectors, tf.sqrt(tf.maximum(values, 1e-20))

    def sample(meta, slots, key):
        mean, (vectors, lengths) = flat(meta), axes(slots)
        draws = normal(key, (config.particles, mean.shape[0]), mean.dtype)
        return like(mean + slots["step"]["size"] * tf.matmul(draws * lengths, vectors, transpose_b=True), meta)

    def update(meta, slots, candidates, scores, key):
        mean, (vectors, lengths) = flat(meta), axes(slots)
        c = constants(mean.shape[0], config.particles)
        weights, sigma = tf.constant(c.weights, mean.dtype), slots["step"]["size"]
        order = tf.argsort(scores, stable=True)
        steps = (tf.gather(flat(candidates, (config.particles,)), order[: len(c.weights)]) - mean) / sigma
        step = tf.tensordot(weights, steps, 1)
        white = tf.linalg.matvec(vectors, tf.linalg.matvec(vectors, step, transpose_a=True) / lengths)
        count = slots["step"]["count"] + 1
        path = (1 - c.size_rate) * slots["path"]["size"] + math.sqrt(
            c.size_rate * (2 - c.size_rate) * c.effective
        ) * white
        length = tf.norm(path)
        bound = (1.4 + 2 / (mean.shape[0] + 1)) * c.expected
        short = tf.cast(
            length / tf.sqrt(1 - tf.pow(tf.constant(1 - c.size_rate, mean.dtype), 2 * count)) < bound, mean.dtype
        )
        rate = c.path_rate
        way = (1 - rate) * slots["path"]["covariance"] + short * math.sqrt(rate * (2 - rate) * c.effective) * step
        lost = (1 - short) * rate * (2 - rate)
        matrix = (1 + c.rank_one * lost - c.rank_one - c.rank_mu) * slots["covariance"]["matrix"]
        matrix += c.rank_one * way[:, tf.newaxis] * way
        matrix += c.rank_mu * tf.matmul(steps * weights[:, tf.newaxis], steps, transpose_a=True)
        size = sigma * tf.exp(c.size_rate / c.damping * (length / c.expected - 1))
        after = {
            "covariance": {"matrix": (matrix + tf.transpose(matrix)) / 2},
            "path": {"size": path, "covariance": way},
            "step": {"size": size, "count": count},
        }
        return like(mean + sigma * step, meta), after, order

    return ScoreMethod(slots, sample, update)

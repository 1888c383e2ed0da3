"""Similar instances into clusters: rows of features -> the number of each row's cluster.

All methods see the same thing, rows of length 1, whose inner products are the cosines that the report shows.
scikit-learn does the clustering, with a seed and on one thread, so that equal features give equal clusters.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np

Features = Literal["descriptors", "gradients", "adapted"]
Method = Literal["kmeans", "agglomerative", "spectral", "hdbscan"]

_SMALLEST = 2  # instances of a dense region, for hdbscan


def prepared(features: np.ndarray, kind: Features) -> np.ndarray:
    """(instances, numbers) -> rows of length 1, or 0 for an instance without any feature.

    Gradients are compared as they are. Adapted parameters have their common mean taken away, which is near the
    shared start and says nothing; descriptors are brought to one unit besides, each column by its deviation.
    """
    rows = np.asarray(features, np.float64)
    if kind != "gradients":
        rows = rows - rows.mean(axis=0)
    if kind == "descriptors":
        deviation = rows.std(axis=0)
        rows = np.divide(rows, deviation, out=np.zeros_like(rows), where=deviation > 0)
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.divide(rows, norms, out=np.zeros_like(rows), where=norms > 0)


def cosines(rows: np.ndarray) -> np.ndarray:
    """The similarity matrix of prepared rows: -1 .. 1, with 1 on the diagonal."""
    found = np.clip(rows @ rows.T, -1.0, 1.0)
    np.fill_diagonal(found, 1.0)
    return found


def clusters(rows: np.ndarray, method: Method, count: int, seed: int) -> np.ndarray:
    """The cluster of each prepared row, numbered from 0 by its smallest instance.

    count: at least 1. kmeans, agglomerative and spectral make so many clusters as far as the rows differ; hdbscan
    finds their number itself, and `count` is the most it may have. seed: 0 .. 2^32 - 1.
    """
    from threadpoolctl import threadpool_limits  # scikit-learn depends on it

    distinct = len(np.unique(rows, axis=0))
    count = min(count, distinct)
    if count == 1:
        return np.zeros(len(rows), np.int32)
    if count == len(rows):
        return np.arange(len(rows), dtype=np.int32)
    with threadpool_limits(1):
        return by_smallest(_METHODS[method](rows, count, seed))


def by_smallest(labels: np.ndarray) -> np.ndarray:
    """The same partition, numbered in the order in which its clusters first appear."""
    numbers: dict[int, int] = {}
    return np.array([numbers.setdefault(int(label), len(numbers)) for label in labels], np.int32)


def _kmeans(rows: np.ndarray, count: int, seed: int) -> np.ndarray:
    from sklearn.cluster import KMeans

    return KMeans(count, n_init=10, random_state=seed).fit_predict(rows)


def _agglomerative(rows: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Average linkage of the distances 1 - cosine."""
    from sklearn.cluster import AgglomerativeClustering

    method = AgglomerativeClustering(count, metric="precomputed", linkage="average")
    return method.fit_predict(1.0 - cosines(rows))


def _spectral(rows: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Affinities (1 + cosine) / 2: all of them positive, so that the graph holds together."""
    from sklearn.cluster import SpectralClustering

    method = SpectralClustering(count, affinity="precomputed", assign_labels="kmeans", random_state=seed)
    return method.fit_predict((1.0 + cosines(rows)) / 2)


def _hdbscan(rows: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Dense regions; an instance outside of all joins the nearest, and surplus regions are merged by their means."""
    from sklearn.cluster import HDBSCAN

    labels = HDBSCAN(_SMALLEST, metric="precomputed", copy=True).fit_predict(1.0 - cosines(rows))
    found = sorted(set(labels.tolist()) - {-1})
    if not found:
        return np.zeros(len(rows), np.int32)
    means = np.stack([rows[labels == label].mean(axis=0) for label in found])
    labels = np.array(
        [_nearest(row, means) if label == -1 else found.index(label) for row, label in zip(rows, labels, strict=True)]
    )
    if len(found) > count:
        labels = _agglomerative(_unit(means), count, seed)[labels]
    return labels


def _nearest(row: np.ndarray, means: np.ndarray) -> int:
    return int(np.argmax(_unit(means) @ row))


def _unit(rows: np.ndarray) -> np.ndarray:
    return prepared(rows, "gradients")


_METHODS: dict[Method, Callable[[np.ndarray, int, int], np.ndarray]] = {
    "kmeans": _kmeans,
    "agglomerative": _agglomerative,
    "spectral": _spectral,
    "hdbscan": _hdbscan,
}

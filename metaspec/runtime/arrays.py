"""Dictionaries of arrays: the driver's whole knowledge of parameters is how to add, check and hash them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import numpy as np

Arrays = dict[str, np.ndarray]

# A state holds the meta-parameters under this prefix, the outer optimizer's own numbers under "outer/", what
# shard N carries into the next meta-iteration under "carried/N/", the cluster of each instance, where the run finds
# them, under "clusters/BLOCK", and what copy N of the meta-model keeps to itself under "copies/N/": below that, under
# "last/", what it last came to, where others merge with it at another time.
META = "meta/"
OUTER = "outer/"
CARRIED = "carried/"
CLUSTERS = "clusters/"
COPIES = "copies/"
LAST = "last/"


def meta_of(state: Mapping[str, np.ndarray]) -> Arrays:
    """The meta-parameters of a state, under the keys they have there."""
    return {key: value for key, value in state.items() if key.startswith(META)}


def clusters_of(state: Mapping[str, np.ndarray]) -> Arrays:
    """The assignments of instances to clusters, under the keys they have in the state."""
    return {key: value for key, value in state.items() if key.startswith(CLUSTERS)}


def without_run(state: Mapping[str, np.ndarray]) -> Arrays:
    """What an outer update changes: the meta-parameters and the outer state."""
    return {key: value for key, value in state.items() if not key.startswith((CARRIED, CLUSTERS))}


def carried_of(state: Mapping[str, np.ndarray], shard: int) -> Arrays:
    """What a shard carries on, under the keys that the program gave it; empty where it carries nothing."""
    prefix = f"{CARRIED}{shard}/"
    return {key.removeprefix(prefix): value for key, value in state.items() if key.startswith(prefix)}


def with_carried(state: Mapping[str, np.ndarray], carried: Mapping[int, Mapping[str, np.ndarray]]) -> Arrays:
    """The state with what its shards carry on now; what they carried before is dropped."""
    rest = {key: value for key, value in state.items() if not key.startswith(CARRIED)}
    fresh = {f"{CARRIED}{shard}/{key}": value for shard, arrays in carried.items() for key, value in arrays.items()}
    return rest | fresh


def add(total: Arrays, part: Mapping[str, np.ndarray]) -> Arrays:
    """The sum by key, in new arrays. An empty total is the neutral element.

    Floating-point addition depends on its order, so the caller keeps to the order of the shards.
    """
    if not total:
        return {key: np.array(value) for key, value in part.items()}
    return {key: np.asarray(total[key] + value) for key, value in part.items()}


def scale(arrays: Mapping[str, np.ndarray], factor: float) -> Arrays:
    """Every array times a number, each in its own precision."""
    return {key: np.asarray(value * value.dtype.type(factor)) for key, value in arrays.items()}


def norm_of(arrays: Mapping[str, np.ndarray]) -> float:
    """The Euclidean norm over all arrays, summed in double precision."""
    return float(np.sqrt(sum(np.sum(np.square(value, dtype=np.float64)) for value in arrays.values())))


def not_finite(arrays: Mapping[str, np.ndarray]) -> tuple[str, ...]:
    """Keys of the arrays that hold a NaN or an infinity."""
    return tuple(key for key, value in arrays.items() if not np.all(np.isfinite(value)))


def digest(arrays: Mapping[str, np.ndarray]) -> str:
    """sha256 over keys, precisions, shapes and bytes, in the order of the keys: equal only for equal bits."""
    total = hashlib.sha256()
    for key in sorted(arrays):
        value = np.ascontiguousarray(arrays[key])
        total.update(f"{key} {value.dtype.str} {value.shape}\n".encode())
        total.update(value.tobytes())
    return total.hexdigest()

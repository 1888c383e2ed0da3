"""`cluster NAME = similar {...}`: from features of instances to the members of clusters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from metaspec.cluster.descriptors import Description, matrix
from metaspec.cluster.members import Member, members
from metaspec.cluster.similarity import clusters, cosines, prepared
from metaspec.kinds.clusters.similar import Similar
from metaspec.seeds import key_words
from metaspec.spec.kind import Task


def foreseen(
    config: Similar, block: str, tasks: Mapping[str, Task], descriptions: Mapping[Member, Description], seed: int
) -> dict[str, tuple[Member, ...]]:
    """The members of each cluster as far as the spec tells them: all for descriptors, none for what is measured."""
    names, everyone = config.names(block), members(tasks, config.tasks)
    if config.features != "descriptors":
        return dict.fromkeys(names, ())
    labels, _ = assigned(config, block, matrix([descriptions[member] for member in everyone]), seed, 0)
    return grouped(names, everyone, labels.tolist())


def assigned(
    config: Similar, block: str, features: np.ndarray, seed: int, iteration: int
) -> tuple[np.ndarray, np.ndarray]:
    """(instances, numbers) -> the number of each instance's cluster, and the similarity matrix."""
    rows = prepared(features, config.features)
    word, _ = key_words(seed, f"clusters/{block}", iteration)
    return clusters(rows, config.method, config.count, word), cosines(rows)


def grouped(names: Sequence[str], everyone: Sequence[Member], labels: Sequence[int]) -> dict[str, tuple[Member, ...]]:
    """The members of each cluster, in their order; a cluster may be empty."""
    return {
        name: tuple(member for member, label in zip(everyone, labels, strict=True) if label == number)
        for number, name in enumerate(names)
    }

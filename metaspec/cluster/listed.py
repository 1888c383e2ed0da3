"""`cluster NAME { tasks = [...] }`: one cluster, whose members are all instances of its blocks."""

from __future__ import annotations

from collections.abc import Mapping

from metaspec.cluster.members import Member, members
from metaspec.kinds.clusters.listed import Listed
from metaspec.spec.kind import Task


def foreseen(config: Listed, block: str, tasks: Mapping[str, Task], *_) -> dict[str, tuple[Member, ...]]:
    """The members of each cluster of the block; it needs nothing but the spec."""
    return {block: members(tasks, config.tasks)}

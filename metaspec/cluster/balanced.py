"""`groups = balanced { count }`: cluster groups of equal length (Pimpalkhute et al. 2021, figure 4)."""

from __future__ import annotations

from collections.abc import Mapping

from metaspec.cluster.packing import pack
from metaspec.kinds.groupings.balanced import Balanced


def groups(config: Balanced, lengths: Mapping[str, float]) -> tuple[tuple[str, ...], ...]:
    """The clusters of each group, from the length of each cluster by its name. Groups may be empty."""
    names = tuple(lengths)
    return tuple(tuple(names[place] for place in group) for group in pack(tuple(lengths.values()), config.count))

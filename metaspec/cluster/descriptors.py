"""What an instance is, in numbers that are known before anything runs: its family, its sizes, its settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np


class Description(NamedTuple):
    """A family, compared as equal or not, and sizes by name, compared by their order of magnitude."""

    family: str
    sizes: Mapping[str, float]


def matrix(descriptions: Sequence[Description]) -> np.ndarray:
    """(instances, columns): a column for each family, then one for each size, sign(x) log(1 + |x|), 0 where absent."""
    families = list(dict.fromkeys(each.family for each in descriptions))
    names = list(dict.fromkeys(name for each in descriptions for name in each.sizes))
    return np.array(
        [
            [float(each.family == family) for family in families]
            + [_magnitude(each.sizes.get(name, 0.0)) for name in names]
            for each in descriptions
        ]
    )


def _magnitude(number: float) -> float:
    return float(np.sign(number) * np.log1p(abs(number)))

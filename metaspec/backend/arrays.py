"""Trees of tensors as flat dictionaries of arrays, which is how meta-parameters and outer slots come and go.

A meta-parameter goes by `meta/KEY`, what the outer update remembers of it by `outer/SLOT/KEY`.
"""

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np
import tensorflow as tf

from metaspec.backend.records import Tree

Arrays: TypeAlias = dict[str, np.ndarray]


def packed(meta: Mapping[str, tf.Tensor | np.ndarray], slots: Mapping[str, Tree]) -> Arrays:
    """Meta-parameters and the trees of the outer slots as one flat dictionary."""
    arrays = {f"meta/{key}": np.asarray(value) for key, value in meta.items()}
    for slot, tree in slots.items():
        arrays |= {f"outer/{slot}/{key}": np.asarray(value) for key, value in tree.items()}
    return arrays


def unpacked(arrays: Arrays) -> tuple[Tree, dict[str, Tree]]:
    """The inverse of `packed`: (meta-parameters, slots)."""
    meta: Tree = {}
    slots: dict[str, Tree] = {}
    for name, array in arrays.items():
        group, _, key = name.partition("/")
        if group == "meta":
            meta[key] = tf.constant(array)
        elif group == "outer":
            slot, _, key = key.partition("/")
            slots.setdefault(slot, {})[key] = tf.constant(array)
    return meta, slots

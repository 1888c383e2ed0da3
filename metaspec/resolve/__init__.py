"""Trees and overrides -> the IR, with the history of every leaf.

`pipeline.py` has the stages in their order: `files.py` reads a file and its imports, `declarations.py` makes drafts of
its blocks, `presets.py` expands them, `overrides.py` and `sweeps.py` assign to them, `blocks.py` decodes each by itself,
and `checks/` judges them beside each other.
"""

from metaspec.resolve.origin import Layer, Origin
from metaspec.resolve.pipeline import resolve
from metaspec.resolve.resolved import Resolved
from metaspec.resolve.written import to_meta, to_tree

__all__ = ["Layer", "Origin", "Resolved", "resolve", "to_meta", "to_tree"]

"""Trees and overrides -> the IR, with the history of every leaf."""

from metaspec.resolve.origin import Layer, Origin
from metaspec.resolve.pipeline import resolve, with_overrides
from metaspec.resolve.resolved import Resolved
from metaspec.resolve.written import to_meta, to_tree

__all__ = ["Layer", "Origin", "Resolved", "resolve", "to_meta", "to_tree", "with_overrides"]

"""From a kind to the module that executes it."""

from importlib import import_module
from typing import Any

from metaspec.spec.kind import Kind


def executor(kind: Kind) -> Any:
    """The module that executes a kind."""
    return import_module(kind.executed_by.format(name=kind.name))

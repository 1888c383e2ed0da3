"""The papers behind the kinds that a spec uses, as BibTeX."""

from __future__ import annotations

from metaspec.kinds import registry
from metaspec.kinds.references import bibtex
from metaspec.resolve.checks.availability import kinds_in
from metaspec.spec.spec import Spec


def citations(spec: Spec) -> dict[str, str]:
    """Key -> entry, each once, in the order in which the spec names the kinds; the preset first."""
    keys: list[str] = []
    if spec.preset:
        keys += registry.load("presets", spec.preset).references
    for _, kind in kinds_in(spec):
        keys += kind.references
    return {key: bibtex(key) for key in dict.fromkeys(keys)}

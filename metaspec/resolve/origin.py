"""Who set a value: the provenance of every leaf of a spec."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from metaspec.source import Span


class Layer(StrEnum):
    """Where a value can come from. Later ones win, in this order."""

    DEFAULT = "default"
    IMPORT = "import"
    PRESET = "preset"
    FILE = "file"
    POINT = "sweep point"
    OVERRIDE = "override"


@dataclass(frozen=True, slots=True)
class Setter:
    """One text that sets values: a file, a preset, a sweep point, an override. `name` tells it from others."""

    layer: Layer
    name: str = ""


@dataclass(frozen=True, slots=True)
class Origin:
    """One entry of a leaf's history: who set it, to what, where, and through which `let`."""

    setter: Setter
    value: str
    span: Span | None = None
    through: str = ""

    @property
    def layer(self) -> Layer:
        return self.setter.layer

    @property
    def where(self) -> str:
        """`default`, `preset maml`, `quickstart.meta:18:33`, `-s inner.lr=0.2`, `point 3 of sweep beta`."""
        match self.setter.layer:
            case Layer.DEFAULT:
                return "default"
            case Layer.PRESET:
                return f"preset {self.setter.name}"
            case Layer.IMPORT | Layer.FILE:
                place = self.span.where if self.span else self.setter.name
                return f"import {place}" if self.setter.layer is Layer.IMPORT else place
        return self.setter.name


Chain = tuple[Origin, ...]
"""From the first who set a leaf to the last, whose value holds."""

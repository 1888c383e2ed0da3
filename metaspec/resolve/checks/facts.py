"""What checks look at: the blocks that could be read, each with its place, whether or not all of them could."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from metaspec.resolve.origin import Chain
from metaspec.resolve.resolved import place_of
from metaspec.source import Source, Span
from metaspec.spec.blocks import Evaluate, Expect, Sweep, Train
from metaspec.spec.kind import Inner, Metagrad, Model, Outer, Schedule, Task


@dataclass(slots=True)
class Facts:
    """Blocks by keyword. `broken` holds the keywords of those that have errors of their own."""

    name: str
    language: int
    source: Source
    provenance: dict[str, Chain]
    sweeps: dict[str, Sweep] = field(default_factory=dict)
    python: tuple[str, ...] = ()
    preset: str | None = None
    single: dict[str, Any] = field(default_factory=dict)
    named: dict[str, dict[str, Any]] = field(default_factory=lambda: {"task": {}, "model": {}, "cluster": {}})
    blocks: dict[str, Span | None] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)

    @property
    def tasks(self) -> dict[str, Task]:
        return self.named["task"]

    @property
    def models(self) -> dict[str, Model]:
        return self.named["model"]

    @property
    def inner(self) -> Inner | None:
        return self.single.get("inner")

    @property
    def metagrad(self) -> Metagrad | None:
        return self.single.get("metagrad")

    @property
    def outer(self) -> Outer | None:
        return self.single.get("outer")

    @property
    def schedule(self) -> Schedule | None:
        return self.single.get("schedule")

    @property
    def train(self) -> Train | None:
        return self.single.get("train")

    @property
    def evaluate(self) -> Evaluate | None:
        return self.single.get("evaluate")

    @property
    def expect(self) -> Expect | None:
        return self.single.get("expect")

    def place(self, path: str) -> Span | None:
        """Where the value at a path is written, or the nearest block around it."""
        return place_of(path, self.provenance, self.blocks)

    def is_written(self, path: str) -> bool:
        """Whether anything but a default has set the value."""
        return any(origin.layer != "default" for origin in self.provenance.get(path, ()))

    def folder(self, path: str) -> Path:
        """The folder that a relative path in this field starts from."""
        span = place_of(path, self.provenance, {})
        file = span.source.path if span and span.source.path else self.source.path
        return file.parent.absolute() if file else Path.cwd()

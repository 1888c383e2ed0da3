"""What checks look at: the blocks that could be read, each with its place, whether or not all of them could."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from metaspec.data.errors import DataError
from metaspec.resolve.origin import Chain
from metaspec.resolve.resolved import place_of
from metaspec.source import Source, Span
from metaspec.spec.acting import parameters_of
from metaspec.spec.blocks import Evaluate, Expect, Sweep, Train
from metaspec.spec.kind import Inner, Metagrad, Model, Outer, Schedule, Task
from metaspec.spec.shapes import Parameter, Signature


@dataclass(slots=True)
class Facts:
    """Blocks by keyword. `broken` holds the keywords of those that have errors of their own."""

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

    def signatures(self) -> dict[str, Signature]:
        """What each task feeds a model, of those whose shapes are known without looking at files."""
        found = {}
        for name, task in self.tasks.items():
            if type(task).signature is Task.signature:
                continue
            shape = task.data.item_shape if type(task).from_files else None
            if type(task).from_files and (shape is None or task.name == "training" and hasattr(task.data, "path")):
                continue  # the files know
            try:
                found[name] = task.signature(shape)
            except DataError:  # told apart, with the data
                continue
        return found

    def parameters(self) -> tuple[Parameter, ...] | None:
        """The parameters of the one model on the first task whose shapes are known; None where neither is."""
        signatures = self.signatures()
        if len(self.models) != 1 or not signatures:
            return None
        (model,) = self.models.values()
        signature = next(iter(signatures.values()))
        return None if model.wants_images and len(signature.inputs) != 3 else parameters_of(model, signature)

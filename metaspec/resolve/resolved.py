"""What resolving a spec gives: the IR, who set each leaf, and every message."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from metaspec.diagnostics import Diagnostic, Severity, SpecError, has_errors
from metaspec.resolve.origin import Chain, Layer
from metaspec.source import Source, Span
from metaspec.spec.spec import Spec


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked to be resolved. `drawn`: what a search has drawn for this point, as (path, text) pairs."""

    source: Source
    overrides: tuple[str, ...] = ()
    point: int | None = None
    sweep: str | None = None
    allow_python: bool = False
    drawn: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Resolved:
    """A spec with its history. `spec` is None where an error stopped it from being built.

    `provenance`: path of a leaf (`inner.lr`, `characters.data.split.test`) -> who set it, first to last.
    `blocks`: path of a block -> the place where it is written. `sources`: every file that was read.
    """

    request: Request
    spec: Spec | None
    provenance: Mapping[str, Chain] = field(default_factory=lambda: MappingProxyType({}))
    blocks: Mapping[str, Span | None] = field(default_factory=lambda: MappingProxyType({}))
    diagnostics: tuple[Diagnostic, ...] = ()
    sources: tuple[Source, ...] = ()

    @property
    def name(self) -> str:
        """The file's name without its ending; names the run's folder."""
        source = self.request.source
        return source.path.stem if source.path else source.name

    @property
    def notes(self) -> tuple[Diagnostic, ...]:
        """What was decided for the user."""
        return tuple(each for each in self.diagnostics if each.severity is Severity.NOTE)

    @property
    def failed(self) -> bool:
        return self.spec is None or has_errors(self.diagnostics)

    def required(self) -> Spec:
        """The spec. Raises SpecError where there is an error."""
        if self.spec is None or self.failed:
            raise SpecError(self.diagnostics)
        return self.spec

    def place(self, path: str) -> Span | None:
        """Where the value at a path is written; where none is, the nearest block around it."""
        return place_of(path, self.provenance, self.blocks)

    def folder(self, path: str) -> Path:
        """The folder that a relative path in this field starts from: that of the file which holds it."""
        span = place_of(path, self.provenance, {})
        file = span.source.path if span and span.source.path else self.request.source.path
        return file.parent.absolute() if file else Path.cwd()


def place_of(path: str, provenance: Mapping[str, Chain], blocks: Mapping[str, Span | None]) -> Span | None:
    """The place of a path, or of what is around it. What a preset brings stands where the preset is written."""
    while path:
        for origin in reversed(provenance.get(path, ())):
            if origin.span is not None and origin.layer is not Layer.PRESET:
                return origin.span
        if blocks.get(path):
            return blocks[path]
        path = path.rpartition(".")[0]
    return None

"""The one message type of metaspec: for the terminal, for `--json` and for the editor."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from metaspec.source import Span


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Fix:
    """An edit that `metaspec check --fix` applies: each span is replaced by its text."""

    title: str
    edits: tuple[tuple[Span, str], ...]


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """What is wrong, where, and what to do about it.

    `code` has an entry in `metaspec.diagnostics.catalogue`. `label` stands under the marked place,
    `related` are further places with a remark each, `help` are ways out, one sentence each. `error`, `warning` and `note`
    take a place that is None for what is written nowhere, and leave it out.
    """

    code: str
    severity: Severity
    message: str
    span: Span | None = None
    label: str = ""
    related: tuple[tuple[Span, str], ...] = ()
    help: tuple[str, ...] = ()
    fix: Fix | None = None

    @property
    def is_error(self) -> bool:
        return self.severity is Severity.ERROR


def error(
    code: str,
    message: str,
    span: Span | None = None,
    *,
    label: str = "",
    related: Iterable[tuple[Span | None, str]] = (),
    help: Iterable[str] = (),
    fix: Fix | None = None,
) -> Diagnostic:
    """A diagnostic that stops the spec from running."""
    return Diagnostic(code, Severity.ERROR, message, span, label, _there(related), tuple(help), fix)


def warning(
    code: str,
    message: str,
    span: Span | None = None,
    *,
    label: str = "",
    related: Iterable[tuple[Span | None, str]] = (),
    help: Iterable[str] = (),
    fix: Fix | None = None,
) -> Diagnostic:
    """A diagnostic about something that runs but is probably not meant."""
    return Diagnostic(code, Severity.WARNING, message, span, label, _there(related), tuple(help), fix)


def note(
    code: str,
    message: str,
    span: Span | None = None,
    *,
    label: str = "",
    related: Iterable[tuple[Span | None, str]] = (),
    help: Iterable[str] = (),
) -> Diagnostic:
    """A diagnostic that only informs: something was decided for the user."""
    return Diagnostic(code, Severity.NOTE, message, span, label, _there(related), tuple(help))


def _there(related: Iterable[tuple[Span | None, str]]) -> tuple[tuple[Span, str], ...]:
    """Further places, without those of what is written nowhere, such as a default."""
    return tuple((span, remark) for span, remark in related if span is not None)


def has_errors(diagnostics: Iterable[Diagnostic]) -> bool:
    return any(each.is_error for each in diagnostics)


class SpecError(Exception):
    """The one exception that leaves the public API for a mistake in a spec; holds every diagnostic."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics: tuple[Diagnostic, ...] = tuple(diagnostics)
        super().__init__(self.diagnostics)

    def __str__(self) -> str:
        return "\n".join(_summary(each) for each in self.diagnostics)


def _summary(diagnostic: Diagnostic) -> str:
    where = f"{diagnostic.span.where}: " if diagnostic.span else ""
    ways = diagnostic.help or ((diagnostic.fix.title,) if diagnostic.fix else ())
    return "\n".join(
        [f"{where}{diagnostic.severity}[{diagnostic.code}]: {diagnostic.message}", *(f"  help: {way}" for way in ways)]
    )

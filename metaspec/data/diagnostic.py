"""A mistake in the data as a diagnostic, for whoever meets it: the checks, the plan or a worker."""

from __future__ import annotations

from metaspec.data.errors import DataError
from metaspec.diagnostics import Diagnostic, error
from metaspec.source import Span

# problem of the data -> code; everything else about files is E0502
CODES = {
    "path-missing": "E0501",
    "path-outside": "E0501",
    "too-few-classes": "E0503",
    "too-few-items": "E0503",
    "shared-class": "E0504",
    "split": "E0503",
}


def diagnostic(problem: DataError, place: Span | None = None) -> Diagnostic:
    """`place` is where the spec has the setting at fault, for those who know it."""
    return error(CODES.get(problem.code, "E0502"), problem.message, place, help=(problem.help,))

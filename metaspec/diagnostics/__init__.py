"""Messages about specs: the `Diagnostic` type, the catalogue of codes, suggestions and rendering."""

from metaspec.diagnostics.model import (
    Diagnostic,
    Fix,
    Severity,
    SpecError,
    error,
    has_errors,
    note,
    warning,
)

__all__ = ["Diagnostic", "Fix", "Severity", "SpecError", "error", "has_errors", "note", "warning"]

"""Everything that keeps a right spec from running here: kinds that are not available, data and runs that are not there."""

from __future__ import annotations

from metaspec.diagnostics import Diagnostic, has_errors
from metaspec.resolve.checks.availability import unavailable
from metaspec.resolve.checks.data import data_problems
from metaspec.resolve.checks.loaded import load_problems
from metaspec.resolve.resolved import Resolved


def not_ready(resolved: Resolved) -> tuple[Diagnostic, ...]:
    """For `check`, `plan` and `run`. Data is looked at only where the spec has no other error."""
    missing = unavailable(resolved)
    if missing or has_errors(resolved.diagnostics):
        return missing
    return (*data_problems(resolved), *load_problems(resolved))

"""A plan for the commands that need one: from a resolved spec without errors, all of whose kinds can run."""

from __future__ import annotations

from metaspec.diagnostics import SpecError, has_errors
from metaspec.plan.make import make
from metaspec.plan.model import Plan
from metaspec.resolve import Resolved
from metaspec.resolve.checks.readiness import not_ready
from metaspec.resolve.located import located


def make_plan(resolved: Resolved, quick: bool = False) -> Plan:
    """The plan. Raises SpecError with every diagnostic where the spec cannot be run."""
    found = (*resolved.diagnostics, *not_ready(resolved))
    if resolved.spec is None or has_errors(found):
        raise SpecError(found)
    return make(located(resolved), resolved.name, resolved.folder(""), quick)

"""Rules between blocks, one function each, by subject. They see only what could be read, and collect."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from metaspec.diagnostics import Diagnostic
from metaspec.resolve.checks import (
    acting,
    clusters,
    copies,
    estimates,
    evaluation,
    inner,
    learned_kinds,
    learning,
    models,
    problems,
    tasks,
)
from metaspec.resolve.checks.facts import Facts

Rule = Callable[[Facts], Iterable[Diagnostic]]

RULES: tuple[Rule, ...] = (
    *tasks.RULES,
    *models.RULES,
    *problems.RULES,
    *acting.RULES,
    *learning.RULES,
    *inner.RULES,
    *learned_kinds.RULES,
    *estimates.RULES,
    *evaluation.RULES,
    *clusters.RULES,
    *copies.RULES,
)


def run_checks(facts: Facts, found: list[Diagnostic]) -> None:
    """Every rule on what there is."""
    for rule in RULES:
        found += rule(facts)

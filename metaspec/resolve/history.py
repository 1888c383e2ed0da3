"""Who set a value: the answer to `metaspec explain FILE PATH`."""

from __future__ import annotations

from collections.abc import Mapping

from metaspec.resolve.origin import Chain
from metaspec.resolve.resolved import Resolved
from metaspec.spec.spec import Spec


def history(resolved: Resolved, path: str) -> dict[str, Chain]:
    """The chains of a leaf, or of all leaves below a path; none where nothing is there.

    The path may begin with the keyword where there is one block of it: `task.shots` is `sine.shots`.
    """
    exact = _canonical(resolved.spec, path) if resolved.spec else path
    chosen = {key: chain for key, chain in resolved.provenance.items() if key == exact and chain}
    below = {key: chain for key, chain in resolved.provenance.items() if key.startswith(exact + ".") and chain}
    return below if below and "." not in exact else chosen | below


def _canonical(spec: Spec, path: str) -> str:
    first, dot, rest = path.partition(".")
    groups: dict[str, Mapping[str, object]] = {"task": spec.tasks, "model": spec.models, "cluster": spec.clusters}
    group = groups.get(first)
    if group and first not in group and len(group) == 1:
        return next(iter(group)) + dot + rest
    return path

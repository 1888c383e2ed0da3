"""metaspec: a declarative language for meta-learning, and its interpreter.

`metaspec.load("x.meta")` gives a spec with its history, `metaspec.check`, `plan` and `run` do what the commands do.
`metaspec.Spec` and the classes of its blocks build a spec in Python; `metaspec.to_meta(spec)` prints it as a file.
The class of a kind is `metaspec.kind("inner", "sgd")`. `metaspec.learner("runs/x")` is what a run has learned, to be
adapted to items of your own. A spec with mistakes raises `metaspec.SpecError`, a run that cannot
go on `metaspec.RunError`. Names are imported when they are first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from metaspec.adapting import Adapted, Learner, learner
    from metaspec.api import change, check, kind, load, plan, run, to_meta
    from metaspec.diagnostics import Diagnostic, SpecError
    from metaspec.resolve import Resolved
    from metaspec.runtime.errors import RunError
    from metaspec.spec.blocks import Axis, Condition, Evaluate, Expect, Sweep, Train
    from metaspec.spec.spec import Spec
    from metaspec.spec.values import Decay, Distribution, Learned, Load, MultiStep, Parts, Weighted

# name -> the module that it lives in
_PLACES = {
    **dict.fromkeys(("Adapted", "Learner", "learner"), "metaspec.adapting"),
    **dict.fromkeys(("load", "change", "check", "kind", "run", "to_meta"), "metaspec.api"),
    **dict.fromkeys(("Diagnostic", "SpecError"), "metaspec.diagnostics"),
    **dict.fromkeys(("Axis", "Condition", "Evaluate", "Expect", "Sweep", "Train"), "metaspec.spec.blocks"),
    **dict.fromkeys(
        ("Decay", "Distribution", "Learned", "Load", "MultiStep", "Parts", "Weighted"), "metaspec.spec.values"
    ),
    "Resolved": "metaspec.resolve",
    "RunError": "metaspec.runtime.errors",
    "Spec": "metaspec.spec.spec",
}

__all__ = [
    "Adapted",
    "Axis",
    "Condition",
    "Decay",
    "Diagnostic",
    "Distribution",
    "Evaluate",
    "Expect",
    "Learned",
    "Learner",
    "Load",
    "MultiStep",
    "Parts",
    "Resolved",
    "RunError",
    "Spec",
    "SpecError",
    "Sweep",
    "Train",
    "Weighted",
    "change",
    "check",
    "kind",
    "learner",
    "load",
    "plan",
    "run",
    "to_meta",
]


def __getattr__(name: str) -> object:
    """A public name, from the module that it lives in."""
    if name == "plan":
        return importlib.import_module("metaspec.plan")  # a package that can be called
    if name not in _PLACES:
        raise AttributeError(f"module 'metaspec' has no attribute {name!r}")
    return getattr(importlib.import_module(_PLACES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

"""A finished run's parameters, evaluated again: on another split, or by a plan with other data or steps."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from metaspec.data.store import cache_folder
from metaspec.diagnostics import error
from metaspec.plan.model import Plan
from metaspec.runtime import result
from metaspec.runtime.arrays import META, Arrays
from metaspec.runtime.driver import PRELOAD
from metaspec.runtime.engine import Setting, open_engine
from metaspec.runtime.errors import RunError
from metaspec.runtime.evaluation import evaluate
from metaspec.runtime.events import Sink
from metaspec.runtime.folder import RunFolder
from metaspec.runtime.protocol import Broadcast
from metaspec.runtime.result import Figures, figures
from metaspec.runtime.signals import listen
from metaspec.runtime.sinks import all_of
from metaspec.runtime.worker import PROGRAM


def reevaluate(
    plan: Plan,
    folder: Path,
    split: str = "test",
    *,
    sinks: Sequence[Sink] = (),
    factory: str = PROGRAM,
    preload: Sequence[str] = PRELOAD,
    cache: Path | None = None,
) -> Figures:
    """Adapts the parameters of the run in `folder` to the evaluation tasks of `plan`. Changes nothing there.

    With the run's own plan and the split `test`, the figures are those of its result, to the bit. Raises
    RunError where there is no finished run (E0708), or its parameters do not fit the plan (E0704).
    """
    place = RunFolder(folder)
    meta = kept_parameters(place)
    _compare(plan, meta, folder)
    with listen() as signals:
        setting = Setting(plan, factory, tuple(preload), cache or cache_folder(), place.log, all_of(sinks), signals)
        with open_engine(setting) as engine:
            return figures(evaluate(plan, engine, Broadcast(1, meta), split, f"evaluation on {split} tasks"))


def kept_parameters(place: RunFolder) -> Arrays:
    """The meta-parameters that a finished run kept, by `meta/KEY`. Raises RunError (E0708) where it has none."""
    if not place.parameters.exists():
        raise RunError(
            error("E0708", f"there is no finished run in {place.path}", help=("let it finish with --resume first",))
        )
    return result.load_parameters(place.parameters)


def _compare(plan: Plan, meta: Arrays, folder: Path) -> None:
    wanted = {META + tensor.key: tensor.shape for tensor in plan.meta}
    there = {key: value.shape for key, value in meta.items()}
    for key in sorted(wanted | there):
        if wanted.get(key) != there.get(key):
            what = [f"shape {shapes[key]}" if key in shapes else "nothing" for shapes in (there, wanted)]
            raise RunError(
                error(
                    "E0704",
                    f"the parameters in {folder} do not fit this plan: `{key}` is {what[0]} there, and {what[1]} here",
                    help=("the model and what is learned must be those of the run",),
                )
            )

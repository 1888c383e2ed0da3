"""The trials of a search: a sampler draws one after the other, each with a view to the validation scores before it.

Nothing is kept besides the runs themselves. A search that goes on asks the sampler for the same trials again, tells it
the scores that the finished ones have, and so comes to where it was: the same seed gives the same trials.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from metaspec.api import load
from metaspec.diagnostics import SpecError, error
from metaspec.resolve import Resolved
from metaspec.resolve.pipeline import resolve_request
from metaspec.runtime.errors import disk
from metaspec.runtime.folder import RunFolder
from metaspec.spec.blocks import Choices, Interval, Search
from metaspec.sweep import Point, chosen, run_point, usual_folder
from metaspec.syntax.literals import number
from metaspec.syntax.printer import print_value

if TYPE_CHECKING:
    from metaspec.runtime.events import Sink
    from metaspec.runtime.result import Result


@dataclass(frozen=True, slots=True)
class Trial:
    """A point that was run. `score`: the mean over the validation tasks after the last inner step, of the kept
    meta-parameters; None where it is not finite. `result` is None where the run had none."""

    point: Point
    folder: Path
    result: Result | None
    score: float | None
    half_width: float | None  # of the score's 95 % interval, where it has one


def search(
    resolved: Resolved,
    name: str | None = None,
    out: Path | None = None,
    quick: bool = False,
    sinks: Sequence[Sink] = (),
) -> Iterator[Trial]:
    """Draws and runs trial after trial in `out`/point-K (default: runs/NAME-SWEEP); finished ones are only read again.

    A trial that diverges or whose shards all fail is worse than all others. Raises SpecError where Optuna is not
    installed or a drawn combination is no valid spec, RunError where a run fails for another reason.
    """
    key, sweep = chosen(resolved, name)
    if sweep.search is None:
        raise SpecError((error("E0804", f"the sweep `{key}` has no `search`"),))
    wanted, folder = sweep.search, out or usual_folder(resolved, name)
    study = new_study(key, resolved)
    for place in range(wanted.trials):
        asked, drawn = draw(study, wanted)
        trial = _run(_point(resolved, key, place, drawn), wanted, folder / f"point-{place}", quick, sinks)
        if trial.score is None:
            study.tell(asked, state=_optuna().trial.TrialState.PRUNED)  # ranked below every trial with a score
        else:
            study.tell(asked, trial.score)
        yield trial


def best(trials: Iterable[Trial], wanted: Search) -> Trial | None:
    """The trial with the best score, the earliest of equals; None where no score is finite."""
    sign = 1.0 if wanted.direction == "minimize" else -1.0
    scored = [(sign * trial.score, trial.point.number, trial) for trial in trials if trial.score is not None]
    return min(scored, key=lambda each: each[:2])[2] if scored else None


# --- Drawing -------------------------------------------------------------------------------------


def _optuna() -> Any:
    """Imported where a search runs: no other command needs it."""
    import optuna

    return optuna


def new_study(key: str, resolved: Resolved) -> Any:
    """Optuna's study of the search of sweep `key`, without trials, with a sampler seeded by the spec.

    Raises SpecError where Optuna is not installed.
    """
    if find_spec("optuna") is None:
        raise SpecError(
            (
                error(
                    "E0602",
                    f"the search of sweep `{key}` needs the package optuna, which is not installed here",
                    resolved.place(key),
                    help=('`pip install "metaspec[sweep]"` brings it', "a `grid` or `zip` lists values without it"),
                ),
            )
        )
    optuna = _optuna()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    spec = resolved.required()
    wanted, seed = spec.sweeps[key].search, spec.train.seed
    samplers = optuna.samplers
    sampler = samplers.TPESampler(seed=seed) if wanted.sampler == "tpe" else samplers.RandomSampler(seed=seed)
    return optuna.create_study(direction=wanted.direction, sampler=sampler)


def draw(study: Any, wanted: Search) -> tuple[Any, tuple[tuple[str, str], ...]]:
    """The next trial: Optuna's record, to be told the score, and what the trial sets, as (path, text) pairs."""
    asked = study.ask({each.path: _distribution(each) for each in wanted.space})
    return asked, tuple((each.path, _text(each, asked.params[each.path])) for each in wanted.space)


def _distribution(drawn: Interval | Choices) -> Any:
    distributions = _optuna().distributions
    if isinstance(drawn, Choices):
        return distributions.CategoricalDistribution(drawn.values)
    log = drawn.distribution == "loguniform"
    if drawn.whole:
        return distributions.IntDistribution(int(drawn.low), int(drawn.high), log=log)
    return distributions.FloatDistribution(drawn.low, drawn.high, log=log)


def _text(drawn: Interval | Choices, value: Any) -> str:
    """A drawn value as text of the language; six digits of a number are enough to read and to run."""
    if isinstance(drawn, Choices):
        return str(value)
    if drawn.whole:
        return print_value(number(int(value)))
    return print_value(number(min(max(float(f"{value:.6g}"), drawn.low), drawn.high)))


def _point(resolved: Resolved, key: str, place: int, drawn: tuple[tuple[str, str], ...]) -> Point:
    """The spec of a trial. It evaluates at its end at the least, which is where its score comes from."""
    request = replace(resolved.request, sweep=key, point=place, drawn=drawn)
    found = load(resolve_request(request))
    spec = found.required()
    if spec.evaluate.every is None:
        last = ("evaluate.every", print_value(number(max(1, spec.train.iterations))))
        found = load(resolve_request(replace(request, drawn=(*drawn, last))))
    return Point(place, drawn, found)


# --- Running -------------------------------------------------------------------------------------


def _run(point: Point, wanted: Search, folder: Path, quick: bool, sinks: Sequence[Sink]) -> Trial:
    ran = run_point(point, wanted.trials, folder, quick, sinks)
    if ran.result is None:
        return Trial(point, folder, None, None, None)
    score, half_width = _score(RunFolder(folder), wanted.metric, ran.result.kept)
    return Trial(point, folder, ran.result, score, half_width)


def _score(place: RunFolder, metric: str, kept: int) -> tuple[float | None, float | None]:
    """The figure of the kept meta-parameters on the validation tasks after the last inner step, and its interval."""
    with disk(place.metrics):
        lines = [json.loads(line) for line in place.metrics.read_text(encoding="utf-8").splitlines()]
    found = [line for line in lines if line.get("split") == "validation" and line["iteration"] == kept]
    if not found or metric not in found[-1]["mean"]:
        message = f"{place.path} has no figure `{metric}` on the validation tasks to score the trial by"
        raise SpecError((error("E0803", message, help=("name a metric that an evaluation reports",)),))
    return found[-1]["mean"][metric][-1], found[-1]["half_width"][metric][-1]

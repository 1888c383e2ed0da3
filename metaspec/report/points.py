"""Which point of a sweep a run is, and what it is compared with: the first method with the other axes the same."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from metaspec.report.over_seeds import SEED
from metaspec.report.reading import Run
from metaspec.sweep import settings_of, written


@dataclass(frozen=True, slots=True)
class Place:
    """A run among those of a sweep: what its point sets, by path."""

    settings: tuple[tuple[str, str], ...]

    @property
    def group(self) -> str:
        """What it sets besides the seed, which a mean over seeds is of."""
        return written((path, text) for path, text in self.settings if path != SEED)


def places(runs: Sequence[Run]) -> tuple[Place, ...] | None:
    """The point of each run, where all runs are different points of one sweep; None where they are not."""
    found = [_settings(run) for run in runs]
    known = [each for each in found if each]
    if len(known) < len(runs) or len(set(known)) < len(runs):
        return None
    paths = {tuple(path for path, _ in each) for each in known}
    return tuple(Place(each) for each in known) if len(paths) == 1 else None


def _settings(run: Run) -> tuple[tuple[str, str], ...]:
    """What the run's command says of its point: its number, or what a search has drawn for it."""
    words = shlex.split(run.command or "")
    options = list(zip(words, words[1:], strict=False))
    name = next((value for word, value in options if word == "--sweep"), None)
    number = next((value for word, value in options if word == "--point"), None)
    sweep = run.plan.spec.sweeps.get(name or "")
    if name is None or number is None or sweep is None or not int(number) < sweep.size:
        return ()
    return settings_of(name, sweep, int(number))


def partners(found: Sequence[Place]) -> tuple[int | None, ...]:
    """For each run the place of the one that it is compared with: itself for those of the first method, None where that
    one is missing.

    The method is the axis of whole blocks where there is one (`list inner { .. }`), and everything besides the seed
    where there is none; what the axes of the method are at the first run is the first method.
    """
    paths = [path for path, _ in found[0].settings]
    method = {path for path in paths if "." not in path} or {path for path in paths if path != SEED}
    first = {path: text for path, text in found[0].settings if path in method}
    where = {each.settings: place for place, each in enumerate(found)}
    return tuple(where.get(tuple((path, first.get(path, text)) for path, text in each.settings)) for each in found)

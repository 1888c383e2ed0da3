"""Runs of `benchmarks.paper_002`: each in a folder of its own, finished ones only read, and their figures."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, stdev

from metaspec.cli.exits import FINE, NOT_AS_EXPECTED
from metaspec.report.reading import Run, read

SHIPPED = Path(__file__).resolve().parents[1] / "specs"
SPECS = Path(__file__).resolve().parent / "specs" / "paper_002"
SEEDS = (0, 1, 2)
# Student's t for a 95 % interval of a mean, by the number of values.
_STUDENT = {2: 12.706, 3: 4.303, 4: 3.182, 5: 2.776}


def seeds(quick: bool) -> tuple[int, ...]:
    return SEEDS[:1] if quick else SEEDS


@dataclass(frozen=True)
class Row:
    """A run: its part of the benchmark, its name there, its spec, and what it changes in it."""

    part: str
    name: str
    spec: Path
    overrides: tuple[str, ...] = ()
    seed: int = 0

    @property
    def folder(self) -> str:
        words = f"{self.part}-{self.name}-{self.seed}".replace(",", "").replace("'", "")
        return words.replace(" ", "-")

    @property
    def settings(self) -> list[str]:
        return [*self.overrides, "schedule=inline", f"train.seed={self.seed}"]


def trained(out: Path, rows: Sequence[Row], extra: Sequence[str] = (), at_once: int = 1) -> list[Run]:
    """The runs of the rows in their order, those that are not finished run first, `at_once` of them side by side.

    A failure of one ends the benchmark; an `expect` that is not met is a figure like others.
    """
    with ThreadPoolExecutor(at_once) as pool:
        codes = list(pool.map(lambda row: _run(out / row.folder, row, extra), rows))
    for row, code in zip(rows, codes, strict=True):
        if code not in (FINE, NOT_AS_EXPECTED):
            sys.exit(f"the run {row.folder} ended with code {code}: see {out / row.folder}.log")
    return [read(out / row.folder) for row in rows]


def _run(folder: Path, row: Row, extra: Sequence[str]) -> int:
    if (folder / "result.json").exists():
        return FINE
    print(f"  {folder.name}: {' '.join([*row.overrides, *extra])}", file=sys.stderr, flush=True)
    words = ["run", str(row.spec), "--out", str(folder)]
    words += [word for each in (*row.settings, *extra) for word in ("-s", each)]
    words += ["--resume"] if (folder / "plan.json").exists() else []
    folder.parent.mkdir(parents=True, exist_ok=True)
    with Path(f"{folder}.log").open("wb") as log:
        return subprocess.run(command(words), stdout=log, stderr=log, check=False).returncode


def command(words: Sequence[str]) -> list[str]:
    return [sys.executable, "-m", "metaspec", *words]


# --- Figures -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Figure:
    """A mean and the half-width of its 95 % interval, where there is one."""

    mean: float
    half_width: float | None = None

    def text(self, digits: int = 3) -> str:
        half = "" if self.half_width is None else f" ± {self.half_width:.{digits}f}"
        return f"{self.mean:.{digits}f}{half}"


def over_seeds(values: Sequence[float]) -> Figure:
    """The mean over seeds, with Student's interval."""
    if len(values) < 2:
        return Figure(values[0])
    return Figure(mean(values), _STUDENT[len(values)] * stdev(values) / len(values) ** 0.5)


def tested(run: Run, metric: str) -> float:
    """The figure of a run on its test tasks after the last inner step; infinity where it is not finite."""
    value = run.result.test.mean[metric][-1]
    return float("inf") if value is None else value


def on_test(run: Run, metric: str) -> Figure:
    return Figure(tested(run, metric), run.result.test.half_width[metric][-1])


def on_validation(run: Run, metric: str) -> Figure:
    """The figure of the last meta-parameters on the validation tasks."""
    line = [each for each in run.evaluations if each["split"] == "validation"][-1]
    value = line["mean"][metric][-1]
    return Figure(float("inf") if value is None else value, line["half_width"][metric][-1])


def seconds_to_the_score(folder: Path) -> float:
    """From a run's start to its first figure on validation tasks, its graphs' compilation included."""
    lines = [json.loads(line) for line in (folder / "events.jsonl").read_text(encoding="utf-8").splitlines()]
    started = next(line["time"] for line in lines if line["event"] == "Started")
    return next(
        line["time"] - started for line in lines if line["event"] == "Evaluated" and line["split"] == "validation"
    )


def verdict(learned: Sequence[float], plain: Sequence[float], lower_is_better: bool) -> str:
    """Which of two does better over the same seeds, by the interval of their difference seed by seed."""
    differences = [own - other for own, other in zip(learned, plain, strict=True)]
    found, better = over_seeds(differences), sum((each < 0) == lower_is_better and each != 0 for each in differences)
    said = f"difference {found.text()}; the learned one is ahead with {better} of {len(differences)} seeds"
    if found.half_width is None or abs(found.mean) <= found.half_width:
        return f"not told apart: {said}"
    return f"the {'learned' if (found.mean < 0) == lower_is_better else 'plain'} one does better: {said}"

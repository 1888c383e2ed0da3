"""Part (a) of `benchmarks.paper_002`: weight decay by implicit differentiation, against grid, random and Bayesian search.

Searches get the seconds that the implicit meta-gradient with 20 terms took for its outer updates. What they pay for a
trial is counted from its start to its score on the validation split; the evaluation on the test split, which every run
has at its end, is left out on both sides.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.paper_002_runs import (
    SPECS,
    Figure,
    Row,
    command,
    on_test,
    on_validation,
    seconds_to_the_score,
    trained,
)
from metaspec.cli.exits import FINE, NOT_AS_EXPECTED
from metaspec.report.reading import Run, read

MOST_TRIALS = 60
LOW, HIGH = "1e-6", "1e-1"  # of each weight decay


@dataclass(frozen=True)
class Problem:
    """One network and its text or images: meta-iterations, and the inner steps of one."""

    name: str
    spec: Path
    iterations: int
    metric: str  # reported beside the loss; the perplexity where there is none

    def row(self, name: str, *overrides: str) -> Row:
        return Row(self.name, name, self.spec, overrides)


DIGITS = Problem("digits", SPECS / "digits.meta", 100, "accuracy")
LSTM = Problem("lstm", SPECS / "lstm.meta", 100, "")
QUICK = {"digits": ("evaluate.steps=20", "evaluate.tasks=2"), "lstm": ("evaluate.steps=10", "evaluate.tasks=2")}

# What the lecture's slides quote of Lorraine et al. 2019.
PUBLISHED = {
    "digits": (
        "the lecture's table, accuracy in % of a network with a learned augmentation (Lorraine et al. 2019, CIFAR-10)",
        ("inverse", "validation", "test"),
        (
            ("0", "92.5 ± 0.021", "92.6 ± 0.017"),
            ("3 Neumann", "95.1 ± 0.002", "94.6 ± 0.001"),
            ("3 unrolled", "95.0 ± 0.002", "94.7 ± 0.001"),
            ("identity", "94.6 ± 0.002", "94.1 ± 0.002"),
        ),
    ),
    "lstm": (
        "the lecture's table, perplexity of words of an LSTM (Lorraine et al. 2019, Penn Treebank)",
        ("method", "validation", "test", "seconds"),
        (
            ("grid search", "97.32", "94.58", "100k"),
            ("random search", "84.81", "81.46", "100k"),
            ("Bayesian opt.", "72.13", "69.29", "100k"),
            ("STN", "70.30", "67.68", "25k"),
            ("none", "75.72", "71.91", "18.5k"),
            ("implicit", "69.22", "66.40", "18.5k"),
            ("implicit, many", "68.18", "66.14", "18.5k"),
        ),
    ),
}


@dataclass(frozen=True)
class Outcome:
    """A line of the table. trainings: how many were scored, where they were."""

    name: str
    numbers: int
    trainings: int | None
    seconds: float
    run: Run


def learning_rows(problem: Problem, quick: bool) -> list[Row]:
    """The runs that follow a meta-gradient, after the one without. `l2` of every parameter but where a row says."""
    count = 4 if quick else problem.iterations
    warm = ("train.warm_start=true", f"train.iterations={count}", f"evaluate.every={count}")
    every = "inner.l2=learned(1e-4, per = parameter, scale = log)"
    own = {name: f"metagrad=implicit {{ solver = {name} }}" for name in ("identity {}", "neumann { terms = 3 }")}
    # Three steps at a time need ten times as many updates, each a tenth as long, to come as far.
    short = (f"train.iterations={10 * count}", f"evaluate.every={10 * count}", "outer.lr=0.01")
    return [
        problem.row("0 terms, none"),
        problem.row("identity", *warm, every, own["identity {}"]),
        problem.row("3 Neumann terms", *warm, every, own["neumann { terms = 3 }"]),
        problem.row("20 Neumann terms", *warm, every),
        problem.row("3 unrolled steps", *warm, every, "metagrad=unroll {}", "inner.steps=3", *short),
        problem.row("20 terms, per layer", *warm, "inner.l2=learned(1e-4, per = layer, scale = log)"),
    ]


def run(problem: Problem, out: Path, quick: bool) -> list[str]:
    """All lines of one problem, as a table beside the published one."""
    extra = QUICK[problem.name] if quick else ()
    rows = learning_rows(problem, quick)
    # One at a time: these are timed.
    runs = trained(out, rows, extra)
    found = [_learned(row.name, each) for row, each in zip(rows, runs, strict=True)]
    budget = next(each.seconds for each in found if each.name == "20 Neumann terms")
    for name, sampler in (("random search", "random"), ("Bayesian search", "tpe")):
        found.append(_searched(problem, out, name, sampler, budget, extra, quick))
    found.append(_grid(problem, out, found[-1].trainings or 4, extra, quick))
    return [*table(problem, found, budget), "", *published(problem.name)]


def _learned(name: str, run: Run) -> Outcome:
    numbers = sum(each.size for each in run.plan.meta)
    return Outcome(name, numbers, None, run.result.training_seconds, run)


# --- Searches ------------------------------------------------------------------------------------


def _searched(
    problem: Problem, out: Path, name: str, sampler: str, budget: float, extra: Sequence[str], quick: bool
) -> Outcome:
    """As many trials as the budget has room for, by the seconds of the first two."""
    folder = out / f"{problem.name}-{sampler}"
    space = f"inner.l2.head = loguniform({LOW}, {HIGH}), inner.l2.rest = loguniform({LOW}, {HIGH})"

    def sweep(trials: int) -> dict:
        block = f"search {{ {space}, trials = {trials}, objective = minimize(query_loss), sampler = {sampler} }}"
        return _sweep(problem, folder, block, extra)

    first = [Path(each["folder"]) for each in sweep(2)["trials"]]
    each = sum(map(seconds_to_the_score, first)) / len(first)
    trials = 2 if quick else min(MOST_TRIALS, max(2, round(budget / each)))
    found = sweep(trials)
    spent = sum(seconds_to_the_score(Path(each["folder"])) for each in found["trials"])
    return Outcome(name, 2, trials, spent, read(Path(found["best"]["folder"])))


def _grid(problem: Problem, out: Path, trials: int, extra: Sequence[str], quick: bool) -> Outcome:
    side = 2 if quick else max(2, math.isqrt(trials))
    values = f"logspace({LOW}, {HIGH}, {side})"
    block = f"grid {{ inner.l2.head = {values}, inner.l2.rest = {values} }}"
    rows = _sweep(problem, out / f"{problem.name}-grid", block, extra)["points"]
    runs = [read(Path(row["folder"])) for row in rows]
    best = min(runs, key=lambda each: on_validation(each, "query_loss").mean)
    spent = sum(seconds_to_the_score(each.folder.path) for each in runs)
    return Outcome("grid search", 2, len(runs), spent, best)


def _sweep(problem: Problem, folder: Path, block: str, extra: Sequence[str]):
    """What `metaspec sweep --json` says of the problem's spec with this block; finished points are only read."""
    folder.mkdir(parents=True, exist_ok=True)
    spec = folder / f"{problem.name}.meta"
    spec.write_text(f"{problem.spec.read_text(encoding='utf-8')}\nsweep l2 {{ {block} }}\n", encoding="utf-8")
    print(f"  {folder.name}: {block}", file=sys.stderr, flush=True)
    words = ["sweep", str(spec), "--json", "--out", str(folder)]
    words += [word for each in extra for word in ("-s", each)]
    done = subprocess.run(command(words), stdout=subprocess.PIPE, check=False)
    if done.returncode not in (FINE, NOT_AS_EXPECTED):
        sys.exit(f"the sweep in {folder} ended with code {done.returncode}: {done.stdout.decode()}")
    return json.loads(done.stdout)


# --- Tables --------------------------------------------------------------------------------------


def table(problem: Problem, found: Sequence[Outcome], budget: float) -> list[str]:
    """Validation and test figures of every method, and what it took."""
    second = problem.metric or "perplexity"
    head = f"{'validation loss':>17}{'test loss':>17}{f'validation {second}':>23}{f'test {second}':>18}"
    lines = [
        f"{problem.name}: weight decay, {found[0].run.plan.evaluation_steps} steps from fresh weights; "
        f"searches have {budget:.0f} s",
        f"  {'method':<20}{'numbers':>9}{'trainings':>11}{head}{'seconds':>9}",
    ]
    for each in found:
        losses = [on_validation(each.run, "query_loss"), on_test(each.run, "query_loss")]
        if problem.metric:
            others = [on_validation(each.run, problem.metric), on_test(each.run, problem.metric)]
        else:
            others = [Figure(math.exp(loss.mean)) for loss in losses]
        widths = (17, 17, 23, 18)
        cells = "".join(f"{figure.text():>{width}}" for figure, width in zip([*losses, *others], widths, strict=True))
        trainings = "" if each.trainings is None else each.trainings
        lines.append(f"  {each.name:<20}{each.numbers:>9_}{trainings:>11}{cells}{each.seconds:>9.1f}")
    return lines


def published(name: str) -> list[str]:
    title, head, rows = PUBLISHED[name]
    return [f"  {title}", *("  " + "".join(f"{cell:>16}" for cell in row) for row in (head, *rows))]

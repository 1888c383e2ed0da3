"""Runs of the paper's setting: five families of problems, each a cluster, meta-trained in sequence or in parallel."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median

import metaspec
from metaspec.runtime.driver import run
from metaspec.runtime.events import Checkpointed, Evaluated, Event, Iterated, Placed

# In the order in which the paper adds them.
FAMILIES = ("softmax_regression", "quadratic", "two_d", "bowl", "fully_connected")
STEPS = 20  # inner steps of a window, as in the original's measurement


@dataclass(frozen=True)
class Setting:
    """One run. `tasks` are those of each family; `together` trains all clusters at once, else one task after another.

    batches: whose gradients are averaged in an inner step. compiled: whether graphs go through XLA. learn: whether the
    run is to learn, with trajectories of 100 steps and evaluations every so many meta-iterations; else it is timed.
    """

    name: str
    families: tuple[str, ...] = FAMILIES
    tasks: int = 4
    together: bool = True
    workers: int = 2
    groups: bool = True
    batches: int = 1
    compiled: bool = True
    cell: str = "gru"
    seed: int = 1
    iterations: int = 60
    learn: int = 0

    @property
    def sweep(self) -> int:
        """Tasks of all families."""
        return len(self.families) * self.tasks

    @property
    def at_once(self) -> int:
        """Tasks of one meta-iteration."""
        return self.sweep if self.together else 1

    def text(self) -> str:
        blocks = [f"task {name} = problems {{ set = {name}, instances = {self.tasks} }}" for name in self.families]
        clusters = [f"cluster {name}_alone {{ tasks = [{name}] }}" for name in self.families]
        taken = f"tasks = {self.tasks}" if self.together else "tasks = 1, clusters = 1"
        schedule = f"workers = {self.workers}"
        schedule += ", groups = balanced { count = 2, refresh = 10 }" if self.groups else ""
        schedule += ", clip_norm = 1" if self.learn else ""
        every = f"every = {self.learn}, tasks = 8, " if self.learn else "tasks = 1, steps = 1, "
        steps = 5 * STEPS if self.learn else 2 * STEPS
        # What is timed has the original's fields; what is to learn in minutes has those of `benchmarks.against`.
        rates = "min_lr = 1e-3, max_lr = 0.1, lr_shortcut = true, rate_momentum_start = 0" if self.learn else ""
        outer = "adam { lr = cosine(1e-3, 1e-4), clip_norm = 1 }" if self.learn else "rmsprop { lr = 1e-6, clip = 1e4 }"
        shown = "softmax_regression" if "softmax_regression" in self.families else self.families[0]
        return "\n".join(
            [
                "language 1",
                *blocks,
                *clusters,
                f"inner = hierarchical_rnn {{ weights = learned(random), cell = {self.cell}, steps = {steps}, "
                f"data_batches = {self.batches}{', ' + rates if rates else ''} }}",
                f"metagrad = truncated {{ window = {STEPS}{', repair = true' if self.learn else ''} }}",
                f"outer = {outer}",
                f"train {{ iterations = {self.iterations}, {taken}, objective = log, seed = {self.seed}, "
                "checkpoint = 100_000 }",
                f"schedule = pool {{ {schedule} }}",
                f"evaluate {{ {every}on = [{shown}] }}",
                "",
            ]
        )


@dataclass
class Clock:
    """Takes the time of each meta-iteration, evaluations and checkpoints left out."""

    began: float = field(default_factory=time.perf_counter)
    steps: list[float] = field(default_factory=list)
    placed: list[Placed] = field(default_factory=list)
    evaluated: list[tuple[int, float, dict[str, float]]] = field(default_factory=list)

    def __call__(self, event: Event) -> None:
        now = time.perf_counter()
        match event:
            case Iterated():
                self.steps.append(now - self.began)
            case Evaluated(iteration=iteration, mean=mean):
                figures = {name: values[-1] for name, values in mean.items()}
                self.evaluated.append((iteration, sum(self.steps[1:]), figures))
            case Placed():
                self.placed.append(event)
            case Checkpointed():
                pass
            case _:
                return
        self.began = now


@dataclass(frozen=True)
class Timed:
    """What a run took. Seconds.

    set_up: from the start to the end of the first meta-iteration, less a usual one. iteration: the usual one, a median
    where all are alike and a mean where each is of another task. evaluated: (meta-iteration, seconds of training so
    far without the first meta-iteration, metrics after the last inner step).
    """

    setting: Setting
    set_up: float
    iteration: float
    placed: tuple[Placed, ...]
    evaluated: tuple[tuple[int, float, dict[str, float]], ...]

    @property
    def sweep(self) -> float:
        """For one window of every task."""
        return self.iteration * self.setting.sweep / self.setting.at_once

    def families(self) -> dict[str, float]:
        """Seconds of an inner step and task of each family: its share of the whole time, by the time of its shards."""
        spent = self.placed[-1].clusters
        whole = sum(spent.values())
        return {
            name: self.iteration * spent[f"{name}_alone"] / whole / (self.setting.tasks * STEPS)
            for name in self.setting.families
        }


def timed(setting: Setting, out: Path, cache: Path) -> Timed:
    """Runs a setting in a folder of its own."""
    spec = out / f"{setting.name}.meta"
    spec.write_text(setting.text())
    plan = metaspec.plan(spec)
    if not setting.compiled:
        plan = plan.model_copy(update={"execution": plan.execution.model_copy(update={"compiled": False})})
    clock = Clock()
    run(plan, fresh(out / setting.name), sinks=[clock], cache=cache)
    return summary(setting, clock)


def fresh(folder: Path) -> Path:
    """The folder, or where there is one of an earlier measurement the first free name behind it."""
    found, number = folder, 1
    while found.exists():
        number += 1
        found = folder.with_name(f"{folder.name}-{number}")
    return found


def summary(setting: Setting, clock: Clock) -> Timed:
    first, *rest = clock.steps
    steady = rest[len(rest) // 4 :]  # by then every graph that is compiled when first needed has been
    usual = median(steady) if setting.together else trimmed(steady)
    return Timed(setting, max(0.0, first - usual), usual, tuple(clock.placed), tuple(clock.evaluated))


def trimmed(seconds: Sequence[float]) -> float:
    """The mean without what took twenty times the median: the machine was busy with something else."""
    bound = 20 * median(seconds)
    kept = [value for value in seconds if value <= bound]
    return sum(kept) / len(kept)


def reached(found: Timed, metric: str, bound: float) -> tuple[int, float] | None:
    """Meta-iterations and seconds until an evaluation shows the bound: at least it of accuracy, at most of a loss."""
    for iteration, seconds, figures in found.evaluated:
        value = figures[metric]
        if value is not None and (value >= bound if metric == "accuracy" else value <= bound):
            return iteration, seconds
    return None


def variant(setting: Setting, name: str, **fields: object) -> Setting:
    return replace(setting, name=name, **fields)

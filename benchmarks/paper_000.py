"""`python -m benchmarks.paper_000`: the tables of Pimpalkhute et al. beside ours, base against optimized.

Base is one task after another on one worker, an update after each. Optimized is every family of problems as a cluster,
its tasks stacked or side by side in one graph, the clusters in two balanced groups on two workers, one update from the
mean of their meta-gradients. Both are the same program with the same compiled graphs of a step. About a quarter of an
hour on two quiet cores; `--quick` takes two families and few meta-iterations, and its figures mean nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path

from benchmarks.paper_000_runs import FAMILIES, STEPS, Setting, Timed, reached, timed, variant
from metaspec.runtime.fingerprint import processor

# Table 2 of the paper: clusters -> base seconds over optimized seconds.
TABLE_2 = {2: 1.75, 3: 2.12, 4: 2.31, 5: 1.76}
# The original program in TensorFlow 1.15, seconds of an inner step and task, windows of 20 steps, and of the set-up of
# 20 tasks: graphs, sessions, first meta-iterations. Good to a factor of two.
ORIGINAL = {
    "softmax_regression": 3.0e-3,
    "quadratic": 1.3e-3,
    "bowl": 1.8e-3,
    "two_d": 1.4e-3,
    "fully_connected": 13.4e-3,
}
ORIGINAL_SET_UP = 412.0
ACCURACY = 0.65  # of the paper, on softmax regression


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    families: tuple[str, ...]
    clusters: tuple[int, ...]
    each: tuple[int, ...]  # tasks of a family, of figures 6 and 7
    timed: int  # meta-iterations of an optimized run that is timed; the base has as many windows of a task
    learned: int  # meta-iterations of a run that learns
    every: int
    seeds: tuple[int, ...]


FULL = Size(FAMILIES, (2, 3, 4, 5), (1, 4, 7), 60, 200, 20, (1, 2, 3))
QUICK = Size(("bowl", "two_d"), (2,), (2,), 12, 4, 2, (1,))


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.paper_000", description=__doc__)
    parser.add_argument(
        "--out", type=Path, default=Path("runs/paper-000"), help="folder of the runs and of paper_000.json"
    )
    parser.add_argument("--quick", action="store_true", help="two families, few meta-iterations: no figures")
    parser.add_argument("--only", action="append", choices=list(PARTS), help="these parts alone")
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    size = QUICK if options.quick else FULL
    measure = Measure(options.out)
    print(f"{processor()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}", flush=True)
    found = {}
    for name in options.only or PARTS:
        found[name] = PARTS[name](measure, size)
        print(flush=True)
        (options.out / "paper_000.json").write_text(json.dumps(found, indent=1))
    return 0


class Measure:
    """Runs settings, each once; graphs are compiled for the first run that has them."""

    def __init__(self, out: Path) -> None:
        self._out, self._found = out, {}

    def __call__(self, setting: Setting) -> Timed:
        if setting.name not in self._found:
            print(f"  ... {setting.name}", file=sys.stderr, flush=True)
            self._found[setting.name] = timed(setting, self._out, self._out / "cache")
        return self._found[setting.name]


def pair(size: Size, families: tuple[str, ...], tasks: int) -> tuple[Setting, Setting]:
    """Base and optimized."""
    name = f"{len(families)}-clusters-of-{tasks}"
    optimized = Setting(f"optimized-{name}", families, tasks, iterations=size.timed)
    base = variant(
        optimized,
        f"base-{name}",
        together=False,
        workers=1,
        groups=False,
        iterations=max(4 * optimized.sweep, size.timed),
    )
    return base, optimized


def row(base: Timed, optimized: Timed) -> dict[str, float]:
    """Seconds of a sweep: one window of every task."""
    return {"base": base.sweep, "optimized": optimized.sweep, "ratio": base.sweep / optimized.sweep}


def clusters(measure: Measure, size: Size) -> dict:
    """Table 2: the more clusters."""
    tasks = 4 if size is FULL else 2
    print("Table 2: milliseconds for one window of every task, four tasks a cluster")
    print(f"  {'clusters':>8} {'base':>8} {'optimized':>10} {'ratio':>6} {'paper':>6}")
    found = {}
    for count in size.clusters:
        found[count] = row(*(measure(each) for each in pair(size, size.families[:count], tasks)))
        shown = found[count]
        print(
            f"  {count:>8} {1e3 * shown['base']:>8.1f} {1e3 * shown['optimized']:>10.1f} {shown['ratio']:>6.2f} "
            f"{TABLE_2[count]:>6.2f}",
            flush=True,
        )
    return found


def tasks(measure: Measure, size: Size) -> dict:
    """Figures 6 and 7: the more tasks."""
    print("Figures 6 and 7: milliseconds for one window of every task; the paper reports up to 4 times")
    print(f"  {'tasks':>8} {'base':>8} {'optimized':>10} {'ratio':>6}")
    found = {}
    for each in size.each:
        settings = pair(size, size.families, each)
        found[settings[1].sweep] = shown = row(*(measure(setting) for setting in settings))
        print(
            f"  {settings[1].sweep:>8} {1e3 * shown['base']:>8.1f} {1e3 * shown['optimized']:>10.1f} "
            f"{shown['ratio']:>6.2f}",
            flush=True,
        )
    return found


def techniques(measure: Measure, size: Size) -> dict:
    """What each technique adds: its time without it over that with it."""
    each = size.each[-1] if size is QUICK else 4
    base, optimized = pair(size, size.families, each)
    stacked = variant(optimized, "stacked", workers=1, groups=False)
    spread = variant(optimized, "stacked-two-workers", groups=False)
    # Four batches in one inner step against four steps of one batch, on problems with data.
    data = tuple(name for name in size.families if name in ("softmax_regression", "fully_connected")) or size.families
    single = variant(optimized, "one-batch", families=data)
    batches = variant(single, "four-batches", batches=4)
    plain = variant(optimized, "without-jit", compiled=False, iterations=max(6, size.timed // 6))
    rows = {
        "stacking, one update for all": measure(base).sweep / measure(stacked).sweep,
        "two workers": measure(stacked).sweep / measure(spread).sweep,
        "balanced groups": measure(spread).sweep / measure(optimized).sweep,
        "batches in parallel, per batch": 4 * measure(single).sweep / measure(batches).sweep,
        "jit": measure(plain).sweep / measure(optimized).sweep,
    }
    print("What each technique adds: time without it over time with it")
    for name, ratio in rows.items():
        print(f"  {name:<32} {ratio:>6.2f}", flush=True)
    return rows


def original(measure: Measure, size: Size) -> dict:
    """Against the original program."""
    _, optimized = pair(size, size.families, 4 if size is FULL else size.each[-1])
    found = measure(optimized)
    again = measure(variant(optimized, f"{optimized.name}-again"))
    own = again.families()
    ratios = {name: ORIGINAL[name] / value for name, value in own.items()}
    mean = prod(ratios.values()) ** (1 / len(ratios))
    print(f"Against the original's measured speed: milliseconds of an inner step and task, windows of {STEPS} steps")
    print(f"  {'family':<20} {'original':>9} {'ours':>8} {'times':>6}")
    for name, ratio in ratios.items():
        print(f"  {name:<20} {1e3 * ORIGINAL[name]:>9.1f} {1e3 * own[name]:>8.4f} {ratio:>6.1f}")
    print(f"  geometric mean {mean:.1f}, worst {min(ratios.values()):.1f}")
    print(
        f"  set-up of {optimized.sweep} tasks: {ORIGINAL_SET_UP:.0f} s in the original, {found.set_up:.1f} s, "
        f"{again.set_up:.1f} s where graphs are kept",
        flush=True,
    )
    return {"seconds": own, "ratios": ratios, "mean": mean, "set_up": [found.set_up, again.set_up]}


def balance(measure: Measure, size: Size) -> dict:
    """Balanced groups: what was predicted of them and what was."""
    _, optimized = pair(size, size.families, 4 if size is FULL else size.each[-1])
    placed = measure(optimized).placed
    print("Balanced groups, milliseconds: the longer group as predicted, the makespan, and idle time of the workers")
    rows = []
    for number, each in enumerate(placed):
        rows.append({"predicted": max(each.predicted), "makespan": each.makespan, "idle": each.idle})
        print(
            f"  refresh {number}: predicted {1e3 * max(each.predicted):>7.1f}, actual {1e3 * each.makespan:>7.1f}, "
            f"idle {each.idle:>6.1%}",
            flush=True,
        )
    return {"refreshes": rows}


def accuracy(measure: Measure, size: Size) -> dict:
    """Softmax regression on held-out tasks: seconds of training to the paper's accuracy, with clusters and without."""
    metric, bound = ("accuracy", ACCURACY) if "softmax_regression" in size.families else ("query_loss", 1e30)
    print(f"Seconds of training to {metric} {bound:g} on held-out tasks of softmax regression")
    rows = []
    for seed in size.seeds:
        together = learning(size, seed)
        apart = variant(
            together,
            f"apart-{seed}",
            together=False,
            workers=1,
            groups=False,
            iterations=size.learned * together.sweep // 4,
            learn=size.every * together.sweep // 4,
        )
        found = [measure(each) for each in (together, apart)]
        rows.append([reached(each, metric, bound) for each in found])
        last = [each.evaluated[-1][2][metric] for each in found]
        print(f"  seed {seed}: with clusters {shown(rows[-1][0])}, in sequence {shown(rows[-1][1])}; "
              f"at the end {last[0]:.3f} and {last[1]:.3f}", flush=True)  # fmt: skip
    return {"rows": rows}


def cells(measure: Measure, size: Size) -> dict:
    """GRU against LSTM: meta-iterations and seconds to the loss that both reach."""
    # Longer than to an accuracy: losses fall below those of the start after some hundred meta-iterations.
    gru = variant(learning(size, size.seeds[0]), "gru", iterations=3 * size.learned)
    found = [measure(each) for each in (gru, variant(gru, "lstm", cell="lstm"))]
    bound = max(min(figures["query_loss"] for _, _, figures in each.evaluated) for each in found)
    rows = {each.setting.cell: reached(each, "query_loss", bound) for each in found}
    print(f"To the loss {bound:.4f} on held-out tasks of {'softmax regression' if size is FULL else size.families[0]}")
    for name, row in rows.items():
        print(f"  {name}: {shown(row)}", flush=True)
    return {"bound": bound, "rows": rows}


def learning(size: Size, seed: int) -> Setting:
    return Setting(
        f"together-{seed}",
        size.families,
        4 if size is FULL else size.each[-1],
        seed=seed,
        iterations=size.learned,
        learn=size.every,
    )


def shown(row: tuple[int, float] | None) -> str:
    return "never" if row is None else f"{row[1]:.1f} s ({row[0]:_} meta-iterations)"


PARTS = {
    "original": original,
    "balance": balance,
    "clusters": clusters,
    "tasks": tasks,
    "techniques": techniques,
    "accuracy": accuracy,
    "cells": cells,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Table 6.4 of the thesis: what a meta-iteration takes when copies, epochs or tasks grow, relative to one of each."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

from benchmarks.paper_000_runs import Clock, fresh
from benchmarks.paper_001_rows import SPECS, Row, copies
from metaspec import api
from metaspec.cli.simulate import pieces_of
from metaspec.plan.simulation import simulate
from metaspec.runtime.driver import run
from metaspec.runtime.measuring import measure

# In per cent of ratio 1.
THESIS = {
    "workers": {1: 100.0, 2: 97.67, 4: 124.96, 8: 131.01, 16: 143.03},
    "epochs": {1: 100.0, 2: 194.26, 4: 374.03, 8: 742.42, 16: 1498.17},
    "tasks": {1: 100.0, 2: 195.8, 4: 376.96, 8: 745.58, 16: 1520.85},
}
CORES = 2  # more workers than these are simulated
_QUIET = ("evaluate.every=1_000_000", "evaluate.tasks=4")
_SPEC = str(SPECS / "characters.meta")


def durations(out: Path, extra: Sequence[str], ratios: Sequence[int], iterations: int = 12) -> Iterator[str]:
    """Lines of the table. Measured rows are kept in `out`; n copies are computed by n workers, all else by one."""
    yield "Table 6.4: seconds of a meta-iteration, and in per cent of ratio 1; the workers' copies are one a worker"
    yield f"  {'':<10}{'ratio':>6}{'seconds':>10}{'here':>8}{'thesis':>9}"
    rows = {"workers": copies, "epochs": lambda n: copies(1, epochs=n), "tasks": lambda n: copies(1, tasks=n)}
    for factor, row in rows.items():
        first = None
        for ratio in ratios:
            workers = ratio if factor == "workers" else 1
            if workers <= CORES:
                count = max(3, iterations * workers // ratio)
                seconds, how = measured(out, row(ratio), workers, count, extra), "measured"
            else:
                seconds, how = simulated(row(ratio), workers, extra), "simulated"
            first = first or seconds
            yield f"  {factor:<10}{ratio:>6}{seconds:>10.3f}{seconds / first:>8.0%}{THESIS[factor][ratio]:>8.0f}%  {how}"
    yield "  two workers with a copy each are wanted at 110 % of one with one, at the most"


def measured(out: Path, row: Row, workers: int, iterations: int, extra: Sequence[str]) -> float:
    """The median of the meta-iterations after the first, which may still compile."""
    folder = out / f"duration-{row.run}"
    kept = folder / "seconds.json"
    if not kept.exists():
        own = [*row.overrides, f"schedule.workers={workers}", f"train.iterations={iterations}", *_QUIET]
        clock = Clock()
        place = fresh(folder)
        run(api.plan(_SPEC, [*extra, *own]), place, sinks=[clock])
        if place != folder:  # that of a run which was interrupted
            folder.rename(fresh(folder.with_name(f"{folder.name}-interrupted")))
            place.rename(folder)
        kept.write_text(json.dumps(clock.steps[1:] or clock.steps))
    return median(json.loads(kept.read_text()))


def simulated(row: Row, workers: int, extra: Sequence[str]) -> float:
    plan = api.plan(_SPEC, [*row.overrides, f"schedule.workers={workers}", *extra])
    return simulate(measure(plan), pieces_of(plan), workers).seconds

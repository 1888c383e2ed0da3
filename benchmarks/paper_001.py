"""`python -m benchmarks.paper_001`: the experiments of Soulier 2020 (DMAML) on real characters and on sinusoids.

Copies of the meta-model, epochs, tasks and gradient steps are scaled one at a time and two together; the weight
generators and the ways to add tasks stand side by side; what a second worker costs is measured, and what 4, 8 and 16
would take is simulated. Each row is a run of its own; those that are finished are not run again. About half an hour on
two quiet cores.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from metaspec import api
from metaspec.cli.simulate import pieces_of
from metaspec.plan.simulation import simulate
from metaspec.report.reading import Run, read
from metaspec.runtime.fingerprint import processor
from metaspec.runtime.measuring import measure

SPECS = Path(__file__).resolve().parent / "specs" / "paper_001"
RATIOS = (1, 2, 4, 8, 16)
QUICK = ("characters.data=glyphs {}", "net.filters=4", "train.iterations=2", "evaluate.tasks=4")
SHOWN = 5  # evaluations of a curve that are printed


@dataclass(frozen=True)
class Row:
    """A run: its table, its name there, what it changes, and the outer updates' tasks that it sees in a meta-iteration."""

    table: str
    name: str
    overrides: tuple[str, ...]

    @property
    def folder(self) -> str:
        return f"{self.table}-{self.name}".replace(" ", "-").replace(",", "")


def exchange(**fields: object) -> str:
    inside = ", ".join(f"{name} = {value}" for name, value in fields.items())
    return f"schedule.exchange=weights {{ {inside} }}"


def rows(ratios: Sequence[int]) -> Iterator[Row]:
    """Figures 6.11 and 6.16 to 6.24, table 6.2, and the generators."""
    for ratio in ratios:
        yield Row("copies", f"{ratio}", (exchange(copies=ratio),))
    for ratio in ratios:
        yield Row("epochs", f"{ratio}", (exchange(copies=1, epochs=ratio),))
    for ratio in ratios:
        yield Row("tasks", f"{32 * ratio}", (f"train.tasks={32 * ratio}",))
    for ratio in ratios:
        yield Row(
            "gradient steps", f"{ratio}", (f"inner.steps={ratio}", f"inner.lr={0.4 / ratio:g}", "evaluate.steps=3")
        )
    yield Row("two together", "4 copies, 4 epochs", (exchange(copies=4, epochs=4),))
    yield Row("two together", "4 copies, 128 tasks", (exchange(copies=4), "train.tasks=128"))
    yield Row("two together", "4 epochs, 128 tasks", (exchange(copies=1, epochs=4), "train.tasks=128"))
    for generator in ("mean", "loss_weighted", "loss_median", "loss_average { window = 5 }"):
        yield Row("weight generators", generator.split()[0], (exchange(copies=4, combine=generator),))
    for way in ("keep", "merge", "reset"):
        yield Row("outer state", way, (exchange(copies=4, outer_state=way),))
    yield Row("reduce", "mean", ())
    yield Row("reduce", "sum", ("train.reduce=sum",))


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.paper_001", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("runs/paper-001"), help="folder of the runs")
    parser.add_argument("--only", action="append", help="this table alone")
    parser.add_argument("--quick", action="store_true", help="a few seconds a row, on drawn glyphs: no figures")
    options = parser.parse_args(arguments)
    ratios = (1, 2) if options.quick else RATIOS
    extra = QUICK if options.quick else ()
    wanted = [row for row in rows(ratios) if options.only is None or row.table in options.only]
    print(f"{processor()}, {os.cpu_count()} cores")
    for name in dict.fromkeys(row.table for row in wanted):
        own = [row for row in wanted if row.table == name]
        runs = [trained(options.out / row.folder, [*row.overrides, *extra]) for row in own]
        print("\n".join(["", *table(name, own, runs)]), flush=True)
    if options.only is None or "duration" in options.only:
        print("\n".join(["", *durations(options.out, extra, ratios)]), flush=True)
    if options.only is None or "search" in options.only:
        print("\nsearch for the meta learning rate, sinusoids, query loss after one step", flush=True)
        command = ["sweep", str(SPECS / "sinusoid.meta"), "--out", str(options.out / "search")]
        metaspec(*command, *(("-s", "train.iterations=4", "-s", "evaluate.tasks=4") if options.quick else ()))
    return 0


def trained(folder: Path, overrides: Sequence[str]) -> Run:
    if not (folder / "result.json").exists():
        again = ["--resume"] if (folder / "plan.json").exists() else []
        given = [word for each in overrides for word in ("-s", each)]
        metaspec("run", str(SPECS / "characters.meta"), "--out", str(folder), *given, *again, quiet=True)
    return read(folder)


def metaspec(*words: str, quiet: bool = False) -> None:
    """A command of the tool in a process of its own; its failure ends the benchmark."""
    done = subprocess.run(
        [sys.executable, "-m", "metaspec", *words], stdout=subprocess.DEVNULL if quiet else None, check=False
    )
    if done.returncode:
        sys.exit(f"`metaspec {' '.join(words)}` ended with code {done.returncode}")


def table(name: str, own: Sequence[Row], runs: Sequence[Run]) -> list[str]:
    """Validation accuracy after the last evaluated step along the run, the test figure, tasks seen and seconds."""
    curves = [curve(run) for run in runs]
    shown = [number for number, _ in curves[0]][:: max(1, len(curves[0]) // SHOWN)]
    head = "".join(f"{f'after {number}':>10}" for number in shown)
    lines = [
        f"{name}: validation accuracy after 3 steps",
        f"  {'':<22}{head}{'test':>20}{'tasks seen':>12}{'seconds':>9}",
    ]
    for row, run, points in zip(own, runs, curves, strict=True):
        values = "".join(f"{dict(points)[number]:>10.3f}" for number in shown)
        found = run.result.test
        test = f"{found.mean['accuracy'][-1]:.3f} ± {found.half_width['accuracy'][-1]:.3f}"
        seen = run.result.iterations * run.plan.tasks_per_iteration
        lines.append(f"  {row.name:<22}{values}{test:>20}{seen:>12_}{run.result.training_seconds:>9.1f}")
    return lines


def curve(run: Run) -> list[tuple[int, float]]:
    """(meta-iteration, accuracy on the validation tasks)."""
    found = [line for line in run.evaluations if line["split"] == "validation"]
    return [(line["iteration"], line["mean"]["accuracy"][-1]) for line in found]


def durations(out: Path, extra: Sequence[str], ratios: Sequence[int]) -> list[str]:
    """Table 6.4: n copies on n workers, in per cent of one on one. More than two are simulated on this machine."""
    lines = ["relative duration of a meta-iteration, n copies on n workers", f"  {'n':>3} {'seconds':>9} {'':>8}"]
    spec, first = str(SPECS / "characters.meta"), None
    for number in ratios:
        overrides = [exchange(copies=number), f"schedule.workers={number}", *extra]
        if number <= 2:
            run = trained(out / f"duration-{number}", overrides)
            seconds, how = run.result.training_seconds / run.result.iterations, "measured"
        else:
            plan = api.plan(spec, overrides)
            seconds, how = simulate(measure(plan), pieces_of(plan), number).seconds, "simulated"
        first = first or seconds
        lines.append(f"  {number:>3} {seconds:>9.3f} {seconds / first:>8.0%}  {how}")
    return lines


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

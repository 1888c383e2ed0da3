"""`python -m benchmarks.paper_001`: the experiments of Soulier 2020 (DMAML) on real characters and on sinusoids.

Copies of the meta-model, epochs, tasks and gradient steps are scaled one at a time and two together; the weight
generators, the ways with the outer state and the ways to add tasks stand side by side; the meta learning rate is
searched for; and what a second worker costs is measured, where 4, 8 and 16 are simulated. Each row is a run of its own
for each seed; those that are finished are not run again. A tenth of the thesis's meta-iterations and less. About an
hour on two quiet cores.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from benchmarks.paper_001_duration import durations
from benchmarks.paper_001_page import Line, document, text
from benchmarks.paper_001_rows import RATIOS, SPECS, Row, Table, tables
from metaspec.report.reading import Run, read
from metaspec.runtime.fingerprint import processor

QUICK = {
    "characters": (
        "characters.data=glyphs {}",
        "net.filters=4",
        "train.iterations=4",
        "evaluate.every=2",
        "evaluate.tasks=4",
    ),
    "sinusoid": ("train.iterations=4", "evaluate.every=2", "evaluate.tasks=4"),
}
SEARCHED = ("train.iterations=4", "evaluate.tasks=4")


class Failed(Exception):
    """A command of the tool ended with an error, which it has printed."""


def main(arguments: Sequence[str]) -> int:
    names = [table.name for table in tables()]
    parser = argparse.ArgumentParser(prog="python -m benchmarks.paper_001", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("runs/paper-001"), help="folder of the runs and the page")
    parser.add_argument("--only", action="append", choices=[*names, "duration", "search"], help="this table alone")
    parser.add_argument("--seeds", type=int, default=3, help="runs of each row (default: 3)")
    parser.add_argument("--jobs", type=int, default=2, help="runs side by side, none of them timed (default: 2)")
    parser.add_argument("--quick", action="store_true", help="a few seconds a row, on drawn glyphs: no figures")
    options = parser.parse_args(arguments)
    ratios = (1, 2) if options.quick else RATIOS
    chosen = [table for table in tables(ratios) if options.only is None or table.name in options.only]
    page = [f"{processor()}, {os.cpu_count()} cores"]
    try:
        # What is timed has the machine for itself, and comes first.
        timed = []
        if options.only is None or "duration" in options.only:
            extra = QUICK["characters"] if options.quick else ()
            timed = ["", *durations(options.out, extra, ratios)]
        found = trained(chosen, options)
        for table, lines in found:
            page += ["", *text(table, lines)]
        page += timed
        if options.only is None or "search" in options.only:
            page += ["", *searched(options)]
    except Failed as problem:
        print(problem, file=sys.stderr)
        return 1
    print("\n".join(page))
    if options.only is not None:
        return 0
    (options.out / "paper_001.txt").write_text("\n".join(page) + "\n", encoding="utf-8")
    place = options.out / "paper_001.html"
    place.write_text(document(found, page, page[0]), encoding="utf-8")
    print(f"\ncurves: {place}")
    return 0


def trained(chosen: Sequence[Table], options: argparse.Namespace) -> list[tuple[Table, list[Line]]]:
    """Every row's runs, `jobs` at a time, in the order of the tables; a run that several tables show is made once."""
    made: dict[tuple[str, int], Future[Run]] = {}
    with ThreadPoolExecutor(options.jobs) as pool:
        for seed in range(1, options.seeds + 1):
            for table in chosen:
                for row in table.rows:
                    if (row.run, seed) not in made:
                        made[row.run, seed] = pool.submit(one, table.spec, row, seed, options)
        try:
            return [(table, [line(made, row, options.seeds) for row in table.rows]) for table in chosen]
        finally:
            pool.shutdown(cancel_futures=True)


def line(made: dict[tuple[str, int], Future[Run]], row: Row, seeds: int) -> Line:
    return Line(row, tuple(made[row.run, seed].result() for seed in range(1, seeds + 1)))


def one(spec: str, row: Row, seed: int, options: argparse.Namespace) -> Run:
    """A run of its own in a process of its own, on one worker; it is gone on with where it was interrupted."""
    folder = options.out / f"{row.run}-seed-{seed}"
    if not (folder / "result.json").exists():
        overrides = [*row.overrides, f"train.seed={seed}", "schedule.workers=1"]
        overrides += QUICK[spec] if options.quick else ()
        given = [word for each in overrides for word in ("-s", each)]
        again = ["--resume"] if (folder / "plan.json").exists() else []
        tool("run", str(SPECS / f"{spec}.meta"), "--out", str(folder), *given, *again)
        print(f"{folder.name} is done", file=sys.stderr, flush=True)
    return read(folder)


def searched(options: argparse.Namespace) -> list[str]:
    """Figures 6.9 and 6.10 as a sweep of the tool: its own tables, those over seeds last."""
    extra = [word for each in SEARCHED for word in ("-s", each)] if options.quick else []
    said = tool("sweep", str(SPECS / "sinusoid.meta"), "--out", str(options.out / "search"), *extra)
    lines = said.splitlines()
    begin = next((place for place, line in enumerate(lines) if line.startswith("means over")), 0)
    title = "Figures 6.9 and 6.10: search for the meta learning rate on sinusoids, with one copy and with ten"
    return [title, *(f"  {line}" for line in lines[begin:])]


def tool(*words: str) -> str:
    """A command of the tool in a process of its own; what it prints. Raises Failed."""
    command = [sys.executable, "-m", "metaspec", *words]
    environment = os.environ | {"NO_COLOR": "1"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if done.returncode:
        raise Failed(f"{done.stderr}\n`metaspec {' '.join(words)}` ended with code {done.returncode}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

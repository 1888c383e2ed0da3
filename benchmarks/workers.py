"""`python -m benchmarks.workers`: what a second worker gives, and what exchanging meta-parameters costs.

Two workers against one, by the size of the problem; beside them two runs with one worker each at the same time, which
is the most that two workers can reach. Then one exchange of 1 MB and of 10 MB of meta-parameters, part by part. Some
minutes on two quiet cores.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks import characters
from benchmarks.contest import Place, load_average
from benchmarks.measure import Lane, in_turns, ratio
from benchmarks.protocol import Competitor
from metaspec import api
from metaspec.plan.simulation import Costs
from metaspec.runtime.fingerprint import processor
from metaspec.runtime.measuring import measure

SPECS = Path(__file__).resolve().parent / "specs"
OURS = "benchmarks.metaspec_side"
WANTED = 0.95  # of what two independent runs reach together


@dataclass(frozen=True)
class Size:
    """A problem whose meta-iteration is cut into shards. iterations: of one lane in one round."""

    name: str
    spec: str
    overrides: tuple[str, ...]
    iterations: int


SIZES = (
    Size("sinusoids, 40 40, 256 tasks, 5 steps", "sinusoid", ("train.tasks=256", "inner.steps=5"), 40),
    Size("sinusoids, 200 200, 64 tasks", "sinusoid", ("train.tasks=64", "net.hidden=[200, 200]"), 20),
    Size("sinusoids, 200 200, 512 tasks", "sinusoid", ("train.tasks=512", "net.hidden=[200, 200]"), 5),
    Size("characters, 8 tasks", "characters", ("train.tasks=8",), 24),
    Size("characters, 32 tasks", "characters", (), 6),
    Size("characters, 32 tasks, 15 queries", "characters", ("characters.queries=15",), 2),
)
# Hidden layers of sinusoids with about so many MB of meta-parameters.
EXCHANGED = {1: (504, 504), 10: (1604, 1604)}


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.workers", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="rounds in turns; the tables show medians")
    parser.add_argument("--quick", action="store_true", help="one small problem, one round: no figures")
    options = parser.parse_args(arguments)
    sizes, rounds = (SIZES[:1], 1) if options.quick else (SIZES, options.rounds)
    print(f"{processor()}, {os.cpu_count()} cores, load {load_average()}; medians of {rounds} rounds in turns")
    with tempfile.TemporaryDirectory(prefix="metaspec-workers-") as folder:
        place = Place(Path(folder), sys.executable)
        characters.prepare(place.folder, SPECS)
        print(
            f"\n{'meta-iterations in a second':<40}{'1 worker':>10}{'2 workers':>11}{'speed-up':>10}{'of two runs':>13}"
        )
        for size in sizes:
            print(line(size, *raced(size, place, rounds)), flush=True)
    print(
        f"of two runs: 2 workers, of what two runs with one worker each reach together; wanted {WANTED:.0%} for characters"
    )
    print("\n" + "\n".join(exchanges()))
    return 0


def line(size: Size, speeds: dict[str, list[float]], share: float) -> str:
    one, two = (median(speeds[name]) for name in ("1 worker", "2 workers"))
    faster = ratio(speeds, "2 workers", "1 worker")
    return f"{size.name:<40}{one:>10.2f}{two:>11.2f}{faster:>10.2f}{share:>13.0%}"


def raced(size: Size, place: Place, rounds: int) -> tuple[dict[str, list[float]], float]:
    """Meta-iterations a second of each lane, and the share of two workers in the sum of two runs."""
    with ExitStack() as opened:
        both = started(opened, place, size, "2 workers", 2)
        pair = [started(opened, place, size, f"run {number}", 1) for number in (1, 2)]

        def alone(competitor: Competitor):
            return lambda iterations: competitor.ask("round", iterations=iterations)["seconds"]

        speeds = in_turns(
            [
                Lane("1 worker", size.iterations, alone(pair[0])),
                Lane("2 workers", size.iterations, alone(both)),
                Lane("two runs", size.iterations, lambda iterations: together(pair, iterations)),
            ],
            rounds,
        )
    # A round of the two runs makes twice the meta-iterations.
    return speeds, ratio(speeds, "2 workers", "two runs") / 2


def together(pair: Sequence[Competitor], iterations: int) -> float:
    """Seconds until each of the runs has made so many."""
    began = time.perf_counter()
    with ThreadPoolExecutor(len(pair)) as threads:
        for done in [threads.submit(each.ask, "round", iterations=iterations) for each in pair]:
            done.result()
    return time.perf_counter() - began


def started(opened: ExitStack, place: Place, size: Size, name: str, workers: int) -> Competitor:
    """A run that has compiled and made its first update."""
    competitor = place.start(opened, name, OURS)
    overrides = [*size.overrides, f"schedule=pool {{ workers = {workers} }}"]
    spec = str(place.folder / f"{size.spec}.meta")
    competitor.ask("open", spec=spec, overrides=overrides, cache=str(place.folder / "cache"))
    competitor.ask("round", iterations=2)
    return competitor


def exchanges() -> Iterator[str]:
    """Milliseconds of the parts of one exchange, on one worker, and their sum for two workers with two shards each."""
    heads = f"{'to a worker':>12}{'an answer':>11}{'update':>9}{'2 workers':>11}{'of all':>8}"
    yield f"{'one exchange of meta-parameters, ms':<40}{heads}"
    for size, hidden in EXCHANGED.items():
        text = f"[{', '.join(map(str, hidden))}]"
        overrides = [f"net.hidden={text}", "schedule=pool { workers = 2 }", "train.tasks=32", "train.shards=4"]
        plan = api.plan(str(SPECS / "sinusoid.meta"), overrides)
        numbers = sum(tensor.size for tensor in plan.meta)
        costs, count = measure(plan), len(plan.execution.shards)
        spent = exchanged(costs, 2, count)
        computed = count / 2 * (costs.call + costs.task * 32 / count)
        yield (
            f"{f'{size} MB ({4 * numbers / 1e6:.2f} MB, {count} shards)':<40}{1e3 * costs.broadcast:>12.1f}"
            f"{1e3 * costs.answer:>11.1f}{1e3 * costs.update:>9.1f}{1e3 * spent:>11.1f}{spent / (spent + computed):>8.0%}"
        )
    yield "of all: of a meta-iteration of 32 sinusoids of 10 points, the smallest work for so many meta-parameters"


def exchanged(costs: Costs, workers: int, shards: int) -> float:
    """Seconds that the driver needs for a meta-iteration beside the shards' own time."""
    return workers * costs.broadcast + shards * costs.answer + costs.update


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""`es` with 256 particles: a run on two workers beside two runs on one worker each, at the same time."""

from __future__ import annotations

import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from benchmarks.contest import Place, Row, load_average
from benchmarks.measure import Lane, in_turns, ratio

OURS = "benchmarks.metaspec_side"
SPEC = Path(__file__).parent / "specs" / "es.meta"
ITERATIONS, WANTED = 20, 0.95
TOGETHER, APART = "one run on two workers", "two runs on one worker each"


def run(rounds: int, iterations: int = ITERATIONS) -> tuple[Row, list[str]]:
    """The ratio of their meta-iterations per second, and lines that say more."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as opened:
        place = Place(Path(name), "")
        cache = str(place.folder / "cache")

        def started(title: str, workers: int):
            side = place.start(opened, title, OURS)
            side.ask("open", spec=str(SPEC), overrides=[f"schedule.workers={workers}"], cache=cache)
            return side

        both, apart = started(TOGETHER, 2), [started(f"run {number}", 1) for number in (1, 2)]
        threads = opened.enter_context(ThreadPoolExecutor(len(apart)))

        def side_by_side(count: int) -> float:
            """Seconds for so many meta-iterations, half of them in each run: the later one counts."""
            asked = [threads.submit(side.ask, "round", iterations=count // 2) for side in apart]
            return max(each.result()["seconds"] for each in asked)

        speeds = in_turns(
            [
                Lane(TOGETHER, iterations, lambda count: both.ask("round", iterations=count)["seconds"]),
                Lane(APART, iterations, side_by_side),
            ],
            rounds,
        )
    lines = [f"{name}: {median(found):.2f} meta-iterations/s" for name, found in speeds.items()]
    lines.append(f"load average at the end: {load_average()}")
    return Row("es, 256 particles", f"{TOGETHER} / {APART}", ratio(speeds, TOGETHER, APART), WANTED), lines

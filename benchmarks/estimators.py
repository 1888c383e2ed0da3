"""Speed of gradient-free meta-gradients: `python -m benchmarks.estimators [--only TEXT] [--wall] [--workers]`.

The first table has milliseconds of one outer update, whole: the workers' meta-gradient as arrays, and the update. A
learned optimizer of 1,762 weights moves problems of two families for windows of 20 steps; every task has one pair of
perturbations. Beside them stand the figures of google/learned_optimization on the same problems, as its trainer calls
them, and with estimator and Adam put into one compiled function by hand.

Each row is a process of its own, with one thread. Its time is processor time, which other processes on the machine
change little; `--wall` takes the clock's.

`--workers` has another table: a run of `es` with 256 particles on two workers beside two runs on one worker each, at
the same time. That one is by the clock, and needs a quiet machine.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from dataclasses import asdict, dataclass

WINDOW, STEPS = 20, 1_000
TASKS = (1, 8, 64)
FAMILIES = {
    "quadratic 20": ("quadratic", {"size": 20}),
    "network 8-8-5-2": ("fully_connected", {"features": 8, "hidden": (8, 5), "rows": 32, "batch": 32}),
}
FIELDS = {
    "pes": {"window": WINDOW, "particles": 1, "sigma": 0.01},
    "es": {"window": WINDOW, "particles": 1, "sigma": 0.01},
    "truncated": {"window": WINDOW},
}
# Milliseconds of google/learned_optimization (JAX 0.10.2), the middle of what was measured, for 1, 8 and 64 tasks.
SHIPPED = {
    ("quadratic 20", "pes"): (6.0, 7.25, 13.0),
    ("quadratic 20", "es"): (5.0, 7.5, 15.0),
    ("quadratic 20", "truncated"): (15.5, 14.5, 30.0),
    ("network 8-8-5-2", "pes"): (10.0, 22.0, 85.0),
    ("network 8-8-5-2", "es"): (9.0, 19.0, 75.0),
    ("network 8-8-5-2", "truncated"): (36.0, 43.0, 138.0),
}
FUSED = {
    ("quadratic 20", "pes"): (0.9, 1.7, 9.75),
    ("network 8-8-5-2", "pes"): (3.5, 12.5, 95.0),
}
WANTED = 2.0  # times as fast as shipped, and equal to the fused form


@dataclass(frozen=True)
class Row:
    family: str
    estimator: str
    tasks: int
    milliseconds: float
    first: float  # seconds of the first update, which compiles

    @property
    def place(self) -> int:
        return TASKS.index(self.tasks)

    @property
    def shipped(self) -> float:
        return SHIPPED[self.family, self.estimator][self.place] / self.milliseconds

    @property
    def fused(self) -> float | None:
        found = FUSED.get((self.family, self.estimator))
        return None if found is None else found[self.place] / self.milliseconds

    @property
    def reached(self) -> float:
        """The share of what is wanted."""
        return min(self.shipped / WANTED, self.fused or float("inf"))


def plan(family: str, estimator: str, tasks: int):
    """One shard of so many instances."""
    from metaspec.kinds import registry
    from metaspec.plan import make
    from metaspec.spec.blocks import Evaluate, Train
    from metaspec.spec.spec import Spec
    from metaspec.spec.values import Learned

    def kind(category: str, name: str, **fields):
        return registry.load(category, name)(**fields)

    problem, fields = FAMILIES[family]
    pool = kind("tasks", "problems", of=kind("problems", problem, **fields), instances=tasks)
    weights = Learned(start="random", name="inner.weights")
    return make(
        Spec(
            language=1,
            tasks={"pool": pool},
            inner=kind("inner", "mlp_optimizer", weights=weights, steps=STEPS),
            metagrad=kind("metagrads", estimator, **FIELDS[estimator]),
            outer=kind("outers", "adam", lr=1e-4),
            schedule=kind("schedules", "inline"),
            train=Train(iterations=1_000_000, tasks=tasks, shards=1, objective="mean", seed=1),
            evaluate=Evaluate(tasks=1),
        )
    )


def measured(family: str, estimator: str, tasks: int, seconds: float, clock) -> Row:
    """Rounds of outer updates for so many seconds, each a whole trajectory; the fastest: others were disturbed."""
    from metaspec.runtime import threads

    threads.limit("cpu")
    from metaspec.backend.program import Program

    program = Program(plan(family, estimator, tasks))
    shard = program.plan.execution.shards[0]
    state, carried, iteration = program.start(), None, 0

    def update() -> None:
        nonlocal state, carried, iteration
        gradient, _, carried = program.gradient(state, iteration, shard, carried)
        state, _ = program.update(state, gradient, iteration)
        iteration += 1

    began = clock()
    update()
    first = clock() - began
    for _ in range(STEPS // WINDOW):  # a whole trajectory: its start is compiled too
        update()
    began, rounds = clock(), []
    while clock() - began < seconds or len(rounds) < 3:
        here, count = clock(), 0
        while count < STEPS // WINDOW:
            update()
            count += 1
        rounds.append((clock() - here) / count)
    return Row(family, estimator, tasks, 1000 * min(rounds), first)


def table(rows: list[Row]) -> str:
    """The rows as Markdown."""
    titles = (
        "problem",
        "estimator",
        "tasks",
        "ms of an update",
        "as shipped",
        "times as fast",
        "fused",
        "times as fast",
    )
    lines = ["| " + " | ".join(titles) + " |", "|---" * len(titles) + "|"]
    for row in rows:
        shipped, fused = SHIPPED[row.family, row.estimator][row.place], FUSED.get((row.family, row.estimator))
        beside = f"{fused[row.place]:g} | {row.fused:.1f}" if fused else "| "
        lines.append(
            f"| {row.family} | {row.estimator} | {row.tasks} | {row.milliseconds:.2f} | {shipped:g} | "
            f"{row.shipped:.1f} | {beside} |"
        )
    return "\n".join(lines)


def verdict(rows: list[Row]) -> str:
    worst = min(rows, key=lambda row: row.reached)
    met = sum(row.reached >= 1 for row in rows)
    return (
        f"{met} of {len(rows)} rows are {WANTED:g} times as fast as shipped and as fast as fused. The worst: "
        f"{worst.family}, {worst.estimator}, {worst.tasks} tasks, {worst.reached:.2f} of what is wanted."
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0, help="of one row, once it is compiled")
    parser.add_argument("--only", default="", help="rows whose name holds this text, such as `quadratic 20 pes`")
    parser.add_argument("--wall", action="store_true", help="the clock's time and not the processor's")
    parser.add_argument("--workers", action="store_true", help="the table of workers instead")
    parser.add_argument("--rounds", type=int, default=5, help="of the table of workers")
    parser.add_argument("--row", nargs=3, metavar=("FAMILY", "ESTIMATOR", "TASKS"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.row:
        family, estimator, tasks = given.row
        clock = time.perf_counter if given.wall else time.process_time
        print(json.dumps(asdict(measured(family, estimator, int(tasks), given.seconds, clock))))
        return
    if given.workers:
        from benchmarks import es_workers

        row, lines = es_workers.run(given.rounds)
        print("\n".join([*lines, f"{row.problem}: {row.what} = {row.ratio:.2f}, wanted {row.wanted:.2f}"]))
        return
    rows = []
    for family in FAMILIES:
        for estimator in FIELDS:
            for tasks in TASKS:
                if given.only not in f"{family} {estimator} {tasks}":
                    continue
                own = ["--row", family, estimator, str(tasks), "--seconds", str(given.seconds)]
                call = [sys.executable, "-m", "benchmarks.estimators", *own, *["--wall"] * given.wall]
                answer = subprocess.run(call, capture_output=True, text=True)
                if answer.returncode:
                    sys.exit(f"{family}, {estimator}, {tasks} tasks:\n{answer.stderr}")
                rows.append(Row(**json.loads(answer.stdout.splitlines()[-1])))
                print(table(rows[-1:]).splitlines()[-1], flush=True)
    print(f"\n{table(rows)}\n\n{verdict(rows)}")


if __name__ == "__main__":
    main()

"""Every meta-gradient against a known answer: `python -m benchmarks.known_answer [--quick] [--out FILE] [--picture FILE]`.

The problem is `benchmarks.ridge`, in float64. For each method and number of inner steps: the bias of its estimate and
the deviation of one estimate, both in units of the exact value, half the 95 % interval of the bias, seconds of one
estimate, of the processor's time, and what its compiled programs allocate, as XLA reports it. Each row is a process of
its own.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from benchmarks import allocated
from benchmarks.allocated import MIB

STEPS = (10, 100, 1000)
# name -> kind of meta-gradient, its fields for a number of steps, objective, whether its estimates vary
METHODS: dict[str, tuple] = {
    "unroll": ("unroll", lambda steps: {}, "mean", False),
    "unroll, sqrt": ("unroll", lambda steps: {"checkpoint": "sqrt"}, "mean", False),
    "forward": ("forward", lambda steps: {}, "mean", False),
    "implicit, cg": ("implicit", lambda steps: {"solver": {"kind": "cg", "iterations": 10}}, "final", False),
    "implicit, 20 Neumann terms": (
        "implicit",
        lambda steps: {"solver": {"kind": "neumann", "terms": 20}},
        "final",
        False,
    ),
    "truncated": ("truncated", lambda steps: {"window": steps // 5}, "mean", False),
    "es": ("es", lambda steps: {"particles": 512, "sigma": 0.02}, "mean", True),
    "es, windows": ("es", lambda steps: {"particles": 512, "sigma": 0.02, "window": steps // 5}, "mean", True),
    "pes": ("pes", lambda steps: {"particles": 512, "sigma": 0.02, "window": steps // 5}, "mean", True),
}
POINTS = 40  # support and query points


@dataclass(frozen=True)
class Row:
    """`bias`, `half_width` and `deviation` are in units of the exact value."""

    method: str
    steps: int
    exact: float
    bias: float
    half_width: float
    deviation: float
    estimates: int
    seconds: float
    allocated: int  # bytes


def measured(method: str, steps: int, seconds: float, width: float, largest: Callable[[], int]) -> Row:
    """Estimates of one method for one task, until the half-width is below `width` or the time is up."""
    from benchmarks.ridge import NAME, answer, plan
    from metaspec.runtime import threads

    threads.limit("cpu")
    from metaspec.backend.program import Program

    name, fields, objective, varies = METHODS[method]
    found = plan(name, steps, objective, POINTS, **fields(steps))
    # Called shard by shard, whatever the plan chose, so that all methods are timed alike.
    found = found.model_copy(update={"execution": found.execution.model_copy(update={"mode": "shards"})})
    program = Program(found)
    meta, shards = program.start(), found.execution.shards
    episode = program.episode("train", 0, shards[0])
    program.episode = lambda split, iteration, shard: episode  # one task, so that only the method varies
    windows = -(-steps // fields(steps)["window"]) if "window" in fields(steps) else 1

    def estimate(number: int) -> float:
        """The mean over the windows of one trajectory, each summed over the shards."""
        total, carried = 0.0, [None] * len(shards)
        for window in range(windows):
            for place, shard in enumerate(shards):
                slopes, _, carried[place] = program.gradient(meta, number * windows + window, shard, carried[place])
                total += float(slopes[f"meta/{NAME}"]) / windows
        return total

    support, query = ((batch.inputs[0].numpy(), batch.targets[0].numpy()) for batch in episode)
    exact = getattr(answer(support, query, steps), objective)
    estimate(0)
    estimates, began = [], time.process_time()
    while True:
        estimates.append(estimate(len(estimates)))
        spent = time.process_time() - began
        half = 1.96 * np.std(estimates, ddof=1) / np.sqrt(len(estimates)) if len(estimates) > 1 else np.inf
        enough = not varies or len(estimates) >= 10 and half < width * abs(exact)
        if len(estimates) >= 3 and (enough or spent > seconds):
            break
    unit = abs(exact)
    return Row(
        method,
        steps,
        exact,
        (float(np.mean(estimates)) - exact) / unit,
        float(half) / unit,
        float(np.std(estimates, ddof=1)) / unit,
        len(estimates),
        spent / len(estimates),
        largest(),
    )


def table(rows: list[Row]) -> str:
    """The rows as Markdown."""
    titles = (
        "method",
        "steps",
        "bias",
        "half of the 95 % interval",
        "deviation of one estimate",
        "estimates",
        "seconds of one",
        "MiB",
    )
    lines = ["| " + " | ".join(titles) + " |", "|---" * len(titles) + "|"]
    for row in rows:
        spread = f"{row.half_width:.1%} | {row.deviation:.1%}" if METHODS[row.method][3] else "0 | 0"
        bias = f"{row.bias:+.1e}" if abs(row.bias) < 1e-3 else f"{row.bias:+.1%}"
        lines.append(
            f"| {row.method} | {row.steps:_} | {bias} | {spread} | {row.estimates} | {row.seconds:.2g} | "
            f"{row.allocated / MIB:.3g} |"
        )
    return "\n".join(lines)


def chart(rows: list[Row], methods: tuple[str, ...] = ("truncated", "es", "es, windows", "pes")) -> str:
    """The bias of the inexact methods with its interval, in percent, against the steps."""
    from metaspec.report.chart import Series, line_chart

    def series(method: str) -> Series:
        own = [row for row in rows if row.method == method]
        bias, half = [100 * row.bias for row in own], [100 * row.half_width for row in own]
        low, high = ([one + sign * other for one, other in zip(bias, half, strict=True)] for sign in (-1, 1))
        return Series(method, [row.steps for row in own], bias, low, high, points=True)

    there = [method for method in methods if any(row.method == method for row in rows)]
    lines = [series(method) for method in there]
    return line_chart(lines, "inner steps", "bias, % of the exact value", logarithmic=False, powers=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="10 and 100 steps, half-widths of 10 %%")
    parser.add_argument("--seconds", type=float, default=120.0, help="of the processor's time at most, for one row")
    parser.add_argument("--methods", nargs="*", default=list(METHODS))
    parser.add_argument("--out", type=Path, help="where the rows go, as JSON")
    parser.add_argument("--picture", type=Path, help="where the chart of the biases goes, as SVG")
    parser.add_argument("--row", nargs=2, metavar=("METHOD", "STEPS"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    width = 0.1 if given.quick else 0.02
    if given.row:
        with allocated.reported() as largest:
            found = measured(given.row[0], int(given.row[1]), given.seconds, width, largest)
        print(json.dumps(asdict(found)))
        return
    rows = []
    for method in given.methods:
        for steps in STEPS[:2] if given.quick else STEPS:
            row = ["--row", method, str(steps), "--seconds", str(given.seconds)] + ["--quick"] * given.quick
            call = [sys.executable, "-m", "benchmarks.known_answer", *row]
            answer = subprocess.run(call, capture_output=True, text=True)
            if answer.returncode:
                sys.exit(f"{method}, {steps} steps: {answer.stderr.strip().splitlines()[-1]}")
            rows.append(Row(**json.loads(answer.stdout.splitlines()[-1])))
            print(table(rows[-1:]).splitlines()[-1], flush=True)
    print("\n" + table(rows))
    if given.out:
        given.out.write_text(json.dumps([asdict(row) for row in rows], indent=1))
    if given.picture:
        from benchmarks import picture

        picture.write(given.picture, chart(rows))


if __name__ == "__main__":
    main()

"""Memory of meta-gradients against the number of inner steps: `python -m benchmarks.steps_memory [--picture FILE]`.

A network with 4,353 weights is trained on 400 points; three strengths of l2 are learned. Every row is a process of its
own, and has three figures: what the compiled meta-gradient allocates, as XLA reports it; by how much the peak of the
process grows over that with the fewest steps, which holds what compiling takes too; and what `plan` estimates.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks import allocated
from benchmarks.allocated import MIB

STEPS = (10, 30, 100, 300, 1_000, 3_000)
METHODS = {
    "unroll": ("unroll", {}),
    "unroll, sqrt": ("unroll", {"checkpoint": "sqrt"}),
    "forward": ("forward", {}),
    "implicit": ("implicit", {"solver": {"kind": "cg", "iterations": 5}}),
}
POINTS, HIDDEN = 400, (64, 64)


@dataclass(frozen=True)
class Row:
    """Bytes that the meta-gradient allocates, of the whole process at its peak, and as planned."""

    method: str
    steps: int
    allocated: int
    peak: int
    planned: int


def plan(method: str, steps: int):
    from metaspec.kinds import registry
    from metaspec.plan import make
    from metaspec.spec.blocks import Evaluate, Train
    from metaspec.spec.spec import Spec
    from metaspec.spec.values import Learned

    def kind(category: str, name: str, **given):
        return registry.load(category, name)(**given)

    name, fields = METHODS[method]
    strength = Learned(start=1e-3, per=("layer",), scale="log", name="inner.l2")
    return make(
        Spec(
            language=1,
            tasks={"line": kind("tasks", "sinusoid", shots=POINTS, queries=10)},
            models={"net": kind("models", "mlp", hidden=HIDDEN)},
            inner=kind("inner", "sgd", steps=steps, lr=0.01, l2=strength),
            metagrad=kind("metagrads", name, **fields),
            outer=kind("outers", "sgd"),
            schedule=kind("schedules", "inline"),
            train=Train(iterations=1, tasks=1),
            evaluate=Evaluate(tasks=1),
        )
    )


def measured(method: str, steps: int) -> Row:
    """One meta-gradient in this process, in which XLA has compiled nothing before."""
    from metaspec.runtime import threads

    threads.limit("cpu")
    with allocated.reported() as largest:
        from metaspec.backend.program import Program

        found = plan(method, steps)
        found = found.model_copy(update={"execution": found.execution.model_copy(update={"mode": "shards"})})
        program = Program(found)
        program.gradient(program.start(), 0, found.execution.shards[0])
        used = largest()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return Row(method, steps, used, peak, found.estimate.memory)


def table(rows: list[Row]) -> str:
    """MiB of each method at each number of steps, as Markdown: allocated / grown / planned."""
    found = {(row.method, row.steps): row for row in rows}
    numbers = sorted({row.steps for row in rows})
    lines = ["| steps | " + " | ".join(f"{steps:_}" for steps in numbers) + " |", "|---" * (len(numbers) + 1) + "|"]
    for method in dict.fromkeys(row.method for row in rows):
        own = [found[method, steps] for steps in numbers]
        cells = (
            f"{row.allocated / MIB:.1f} / {(row.peak - own[0].peak) / MIB:+.0f} / {row.planned / MIB:.1f}"
            for row in own
        )
        lines.append(f"| {method} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def chart(rows: list[Row]) -> str:
    from metaspec.report.chart import Series, line_chart

    def series(method: str) -> Series:
        own = [row for row in rows if row.method == method]
        return Series(method, [row.steps for row in own], [row.allocated / MIB for row in own], points=True)

    lines = [series(method) for method in dict.fromkeys(row.method for row in rows)]
    return line_chart(lines, "inner steps", "MiB that a meta-gradient allocates", logarithmic=True, powers=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", nargs="*", type=int, default=STEPS)
    parser.add_argument("--methods", nargs="*", default=list(METHODS), choices=METHODS)
    parser.add_argument("--picture", type=Path, help="where the chart goes, as SVG")
    parser.add_argument("--row", nargs=2, metavar=("METHOD", "STEPS"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.row:
        print(json.dumps(asdict(measured(given.row[0], int(given.row[1])))))
        return
    rows = []
    for method in given.methods:
        for steps in given.steps:
            call = [sys.executable, "-m", "benchmarks.steps_memory", "--row", method, str(steps)]
            answer = subprocess.run(call, capture_output=True, text=True)
            if answer.returncode:
                sys.exit(f"{method}, {steps} steps:\n{answer.stderr}")
            rows.append(Row(**json.loads(answer.stdout.splitlines()[-1])))
            print(f"{method}, {steps} steps: {rows[-1].allocated / MIB:.1f} MiB", flush=True)
    print("\n" + table(rows))
    if given.picture:
        from benchmarks import picture

        picture.write(given.picture, chart(rows))


if __name__ == "__main__":
    main()

"""`python -m benchmarks.paper_003`: table 2 of Khullar and Srivastava beside a run of every method on real characters.

Six methods, 5-way with one shot and with five, on the characters under $METASPEC_DATA, and MAML with five inner
steps for the comparison of speed. Each is a run of its own; those that are finished are not run again.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.memory import Sampler
from benchmarks.paper_003_page import Trained, document, thresholds
from metaspec.report.reading import read
from metaspec.runtime.fingerprint import processor
from metaspec.runtime.progress import duration

SPECS = Path(__file__).resolve().parent / "specs" / "paper_003"
ITERATIONS = 1_000  # meta-iterations of 16 tasks
QUICK = (
    "characters.data=glyphs {}",
    "net.filters=4",
    "train.tasks=2",
    "train.checkpoint=4",
    "evaluate.every=2",
    "evaluate.tasks=8",
)


@dataclass(frozen=True)
class Method:
    """A row: its spec, what changes in it, and the paper's accuracy with one shot and with five."""

    name: str
    spec: str
    overrides: tuple[str, ...] = ()
    published: dict[int, float] | None = None


METHODS = (
    Method("MAML", "maml", published={1: 0.76, 5: 0.91}),
    Method("ConvexMAML", "convex_maml", published={1: 0.81, 5: 0.95}),
    Method("iMAML", "imaml", published={1: 0.75, 5: 0.92}),
    Method("Convex iMAML", "convex_imaml", published={1: 0.81, 5: 0.88}),
    Method("Reptile", "reptile", published={1: 0.59, 5: 0.68}),
    Method("CAVIA", "cavia", published={1: 0.72, 5: 0.79}),
    Method("MAML, 5 steps", "maml", ("inner.steps=5", "inner.lr=0.1", "evaluate.steps=5")),
)


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.paper_003", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("runs/paper-003"), help="folder of the runs and the page")
    parser.add_argument("--only", action="append", choices=[each.name for each in METHODS], help="these methods alone")
    parser.add_argument("--shots", action="append", type=int, choices=(1, 5), help="one of the two settings alone")
    parser.add_argument("--iterations", type=int, help="meta-iterations of every run, in the place of the usual ones")
    parser.add_argument("--workers", type=int, default=2, help="of every run; figures but seconds are the same for any")
    parser.add_argument("--quick", action="store_true", help="seconds instead of minutes, on drawn glyphs: no figures")
    options = parser.parse_args(arguments)
    methods = [each for each in METHODS if options.only is None or each.name in options.only]
    found: list[Trained] = []
    for shots in options.shots or (1, 5):
        iterations = options.iterations or (4 if options.quick else ITERATIONS)
        for method in methods:
            folder = options.out / f"{method.name.lower().replace(',', '').replace(' ', '-')}-{shots}-shot"
            overrides = [f"characters.shots={shots}", f"train.iterations={iterations}", *method.overrides]
            overrides.append(f"schedule.workers={options.workers}")
            overrides += QUICK if options.quick else ()
            code = trained(folder, SPECS / f"{method.spec}.meta", overrides)
            if code:
                print(f"{method.name} with {shots} shots ended with code {code}: see above", file=sys.stderr)
                return 1
            found.append(Trained(method.name, shots, method.published, read(folder), memory_of(folder)))
    print(table(found))
    page = options.out / "paper_003.html"
    page.write_text(document(found, processor()), encoding="utf-8")
    print(f"curves: {page}")
    return 0


def trained(folder: Path, spec: Path, overrides: Sequence[str]) -> int:
    """Runs a spec unless it has been run to its end, or goes on with it; the exit code, 0 for a finished run."""
    if (folder / "result.json").exists():
        return 0
    print(f"{folder.name}: {' '.join(overrides)}", file=sys.stderr, flush=True)
    command = [sys.executable, "-m", "metaspec", "run", str(spec), "--out", str(folder)]
    command += [word for each in overrides for word in ("-s", each)]
    if (folder / "plan.json").exists():
        command.append("--resume")
    # Its own output is the run's: a line for each evaluation is enough to see it live.
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    with Sampler(process.pid, every=1.0) as memory:
        code = process.wait()
    if code == 0:
        (folder / "memory.json").write_text(json.dumps({"mebibytes": memory.together}))
    return code


def memory_of(folder: Path) -> float | None:
    """MiB that all processes of a run held at the most; None where nobody watched its end."""
    path = folder / "memory.json"
    return json.loads(path.read_text())["mebibytes"] if path.exists() else None


def table(found: Sequence[Trained]) -> str:
    """Table 2 of the paper beside ours, and the seconds to the paper's best figures."""
    lines = [f"{processor()}, {os.cpu_count()} cores"]
    for shots in dict.fromkeys(each.shots for each in found):
        own = [each for each in found if each.shots == shots]
        iterations = own[0].run.result.iterations
        lines += [
            "",
            f"5-way {shots}-shot, {iterations:_} meta-iterations of {own[0].run.plan.tasks_per_iteration} tasks",
        ]
        lines.append(f"  {'method':<14} {'paper':>6} {'ours':>17} {'tasks seen':>11} {'training':>13} {'memory':>9}")
        for each in own:
            published = f"{each.published[shots]:.2f}" if each.published else ""
            memory = f"{each.memory:.0f} MiB" if each.memory else ""
            lines.append(
                f"  {each.name:<14} {published:>6} {each.accuracy.text():>17} {each.tasks_seen:>11_} "
                f"{duration(each.seconds):>13} {memory:>9}"
            )
        lines += ["", f"  {'seconds of training to an accuracy of':<38} {'0.76':>8} {'0.95':>8}   norm's unrest"]
        for each in own:
            reached = [each.seconds_to(bound) for bound in (0.76, 0.95)]
            shown = " ".join(f"{'never' if value is None else format(value, '.0f'):>8}" for value in reached)
            lines.append(f"  {each.name:<38} {shown}   {each.unrest:.3f}")
        lines += [f"  {line}" for line in thresholds(own)]
    lines += [
        "",
        "training: seconds of outer updates, evaluations left out; an accuracy counts as reached at the first evaluation",
        "on the test tasks that has it. norm's unrest: mean change of the logarithm of the meta-gradient's norm from one",
        "meta-iteration to the next.",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""`python -m benchmarks.navigation`: returns of a meta-learned policy beside one trained without meta-learning.

Both are adapted to the same test tasks by policy gradients, and have the same meta-iterations, tasks and outer method; the
second is trained on the return before adaptation (`metagrad = joint`).
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from math import sqrt
from pathlib import Path
from statistics import fmean, stdev

from scipy.stats import t

import metaspec

SPEC = Path(__file__).resolve().parents[1] / "specs" / "navigation.meta"
METHODS = {"meta-learned": {}, "without meta-learning": {"metagrad": "joint { items = query }"}}


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.navigation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=3, help="runs of each, with seeds 1, 2, ...")
    parser.add_argument("--set", action="append", default=[], metavar="PATH=VALUE", help="changes both specs")
    parser.add_argument("--out", type=Path, help="folder of the runs (default: one that is removed)")
    options = parser.parse_args(arguments)
    overrides = dict(each.split("=", 1) for each in options.set)
    with tempfile.TemporaryDirectory() as folder:
        place = options.out or Path(folder)
        found = {
            name: [returns(place, name, own | overrides, seed) for seed in range(1, options.seeds + 1)]
            for name, own in METHODS.items()
        }
    print(table(found))
    return 0


def returns(folder: Path, name: str, overrides: dict[str, str], seed: int) -> tuple[float, ...]:
    """The mean return over the test tasks before adaptation and after each step, of one run."""
    out = folder / f"{name.replace(' ', '-')}-{seed}"
    made = metaspec.run(SPEC, overrides | {"train.seed": str(seed)}, out=out)
    print(f"{name}, seed {seed}: {made.training_seconds:.0f} s of training", file=sys.stderr, flush=True)
    return made.test.mean["return"]


def table(found: dict[str, list[tuple[float, ...]]]) -> str:
    """Means over seeds with 95 % intervals (Student's t over the seeds)."""
    steps = range(len(next(iter(found.values()))[0]))
    rows = ["| return | " + " | ".join(f"{step} steps" if step != 1 else "1 step" for step in steps) + " |"]
    rows.append("|---" * (len(steps) + 1) + "|")
    for name, runs in found.items():
        cells = (interval([run[step] for run in runs]) for step in steps)
        rows.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(rows)


def interval(values: Sequence[float]) -> str:
    if len(values) < 2:
        return f"{values[0]:.2f}"
    half = float(t.ppf(0.975, len(values) - 1)) * stdev(values) / sqrt(len(values))
    return f"{fmean(values):.2f} ± {half:.2f}"


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

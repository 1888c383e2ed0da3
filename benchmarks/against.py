"""A meta-trained optimizer against tuned Adam on every family of problems: `python -m benchmarks.against`.

The hierarchical optimizer is meta-trained on the paper's five families, and then evaluated without training on held-out
instances of every family that there is, most of which it has never seen. Adam's step size is tuned for each family by
itself, on other instances. Wins and losses are printed alike; the table is that of the run's report.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

import metaspec
from metaspec.kinds.families import FAMILIES
from metaspec.report.against import HEAD, WHAT, rows, sentence
from metaspec.resolve.written import spelled
from metaspec.runtime.folder import RunFolder
from metaspec.runtime.result import Result, load

TRAINED = ("softmax_regression", "quadratic", "two_d", "bowl", "fully_connected")

# Rates start within a hundredfold of each other, the cells see how large they are, and move them at once: a little
# better after a thousand meta-iterations than the original's, which start over five decades and are hidden from them.
RATES = "min_lr = 1e-3, max_lr = 0.1, lr_shortcut = true, rate_momentum_start = 0"

TRAIN = """language 1
{tasks}
{clusters}
inner = hierarchical_rnn {{ weights = learned(random), steps = {steps}, {rates} }}
metagrad = truncated {{ window = 20, limit = 100, repair = true }}
outer = adam {{ lr = cosine(1e-3, 1e-4), clip_norm = 1 }}
train {{ iterations = {iterations}, tasks = 4, objective = log, seed = {seed} }}
schedule = pool {{ workers = {workers}, clip_norm = 1 }}
evaluate {{ on = [bowl], tasks = 4 }}
"""

EVALUATE = """language 1
{tasks}
inner = hierarchical_rnn {{ weights = load("{run}"), steps = {steps}, {rates} }}
metagrad = truncated {{ window = 20 }}
outer = adam {{}}
train {{ iterations = 0, seed = {seed} }}
schedule = pool {{ workers = {workers} }}
evaluate {{ tasks = {count}, against = [{against}] }}
"""


def task(family: str) -> str:
    """A family whole where all of it shares a graph, else its first problem: each further one is compiled for itself."""
    entries = FAMILIES[family]
    what = f"set = {family}" if len({each.graph for each in entries}) == 1 else f"of = {spelled(entries[0])}"
    return f"task {family} = problems {{ {what}, instances = 16 }}"


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.against", description=__doc__)
    parser.add_argument("--iterations", type=int, default=1500, help="meta-iterations")
    parser.add_argument("--steps", type=int, default=100, help="inner steps, in training and evaluation")
    parser.add_argument("--instances", type=int, default=16, help="held-out instances of each family")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--against", default="adam", help="baselines, with commas between them")
    parser.add_argument("--families", default=",".join(FAMILIES), help="families to evaluate on (default: all)")
    parser.add_argument("--out", type=Path, help="folder of the two runs; a finished one is not run again")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="metaspec-against-") as folder:
        result = contest(options, options.out or Path(folder))
    print_table(result)
    return 0


def contest(options: argparse.Namespace, folder: Path) -> Result:
    """The two runs, in folders `train` and `evaluate`."""
    families = options.families.split(",")
    common = {"rates": RATES} | {
        name: getattr(options, name) for name in ("steps", "seed", "workers", "against", "iterations")
    }
    texts = {
        "train": TRAIN.format(
            tasks="\n".join(map(task, TRAINED)),
            clusters="\n".join(f"cluster of_{family} {{ tasks = [{family}] }}" for family in TRAINED),
            **common,
        ),
        "evaluate": EVALUATE.format(
            tasks="\n".join(map(task, families)),
            run=folder / "train",
            count=options.instances * len(families),
            **common,
        ),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        place = RunFolder(folder / name)
        if place.finished:
            result = load(place.result)
            continue
        (folder / f"{name}.meta").write_text(text, encoding="utf-8")
        began = time.perf_counter()
        result = metaspec.run(folder / f"{name}.meta", out=place.path)
        print(f"{name}: {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)
    return result


def print_table(result: Result) -> None:
    """A row for each family and baseline; those that the optimizer was trained on are marked."""
    print(sentence(result.against))
    table = [HEAD, *rows(result.against)]
    widths = [max(len(row[place]) for row in table) for place in range(len(HEAD))]
    for row in table:
        mark = "*" if row[0].partition(" ")[0] in TRAINED else " "
        print(mark, "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip())
    print(f"\n* families that the optimizer was meta-trained on. {WHAT}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

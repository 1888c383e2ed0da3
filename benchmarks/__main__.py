"""`python -m benchmarks`: the table of speed and memory beside JAX and PyTorch."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks import characters, sinusoids
from benchmarks.contest import Disagreement, Place, Row, load_average
from benchmarks.problems import CHARACTERS, SINUSOIDS
from benchmarks.protocol import CompetitorFailed
from metaspec.runtime.fingerprint import processor

SPECS = Path(__file__).resolve().parent / "specs"
PYTHON = "METASPEC_BENCH_PYTHON"


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--python",
        default=os.environ.get(PYTHON, sys.executable),
        metavar="PATH",
        help=f"interpreter that has jax, optax and torch (default: ${PYTHON}, else this one)",
    )
    parser.add_argument("--rounds", type=int, default=7, help="rounds in turns; the table shows medians")
    parser.add_argument("--only", choices=["characters", "sinusoid"], help="one of the two problems")
    options = parser.parse_args(arguments)
    missing = lacking(options.python)
    if missing:
        print(
            f"{options.python} has no {missing}: `pip install metaspec[bench]`, or name another with --python",
            file=sys.stderr,
        )
        return 2
    contests = [(characters.run, problem) for problem in CHARACTERS if options.only != "sinusoid"]
    contests += [(sinusoids.run, problem) for problem in SINUSOIDS if options.only != "characters"]
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="metaspec-bench-") as folder:
        place = Place(Path(folder), options.python)
        characters.prepare(place.folder, SPECS)
        try:
            for run, problem in contests:
                print(f"{problem.name} (load {load_average()})", file=sys.stderr, flush=True)
                found = run(problem, place, options.rounds)
                for row in found:
                    print(f"  {row.what}: {row.ratio:.2f}", file=sys.stderr, flush=True)
                rows += found
        except (CompetitorFailed, Disagreement) as problem:
            print(problem, file=sys.stderr)
            log = place.folder / "competitors.log"
            print(*log.read_text(errors="replace").splitlines()[-20:], sep="\n", file=sys.stderr)
            return 1
        print_table(rows, place.figures, options.rounds)
    return 0


def lacking(python: str) -> str:
    """What the peers' interpreter cannot import; empty where it has everything."""
    code = "from importlib.util import find_spec; print(*(n for n in ('jax', 'optax', 'torch') if not find_spec(n)))"
    try:
        found = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "working Python"
    return found.stdout.strip().replace(" ", ", ")


def print_table(rows: list[Row], figures: list[tuple[str, str, str]], rounds: int) -> None:
    """The ratios, furthest from what is wanted first, then the figures behind them."""
    print(f"{processor()}, {os.cpu_count()} cores, load {load_average()}; medians of {rounds} rounds in turns\n")
    print(f"{'problem':<24} {'ratio':<58} {'is':>7} {'wanted':>7}")
    for row in sorted(rows, key=lambda row: row.reached):
        wanted = "" if row.wanted is None else f"{row.wanted:.2f}"
        mark = "" if row.wanted is None else ("  ok" if row.reached >= 1 else "  short")
        print(f"{row.problem:<24} {row.what:<58} {row.ratio:>7.2f} {wanted:>7}{mark}")
    for problem in dict.fromkeys(problem for problem, *_ in figures):
        print(f"\n{problem}")
        for _, what, figure in (each for each in figures if each[0] == problem):
            print(f"  {what:<36} {figure}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

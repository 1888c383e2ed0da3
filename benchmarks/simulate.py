"""`python -m benchmarks.simulate`: the simulator's prediction beside real runs with one and two workers.

The spec is that of the characters, with procedurally drawn ones, so that it runs anywhere. Takes about two minutes.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from metaspec import api
from metaspec.cli.simulate import pieces_of
from metaspec.plan.simulation import simulate
from metaspec.runtime.measuring import measure

SPEC = Path(__file__).parents[1] / "specs" / "omniglot_maml.meta"
GLYPHS = "characters.data=glyphs { alphabets = 20 }"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--iterations", type=int, default=60)
    iterations = parser.parse_args().iterations
    options = [GLYPHS, "characters.queries=1", f"train.iterations={iterations}"]
    options += ["evaluate.tasks=10", "evaluate.every=1_000_000", "train.checkpoint=1_000_000"]
    print("workers  predicted s/meta-iteration  measured  measured / predicted")
    for workers in (1, 2):
        plan = api.plan(str(SPEC), [*options, f"schedule.workers={workers}"])
        predicted = simulate(measure(plan), pieces_of(plan), workers).seconds
        with tempfile.TemporaryDirectory() as folder:
            made = api.run(str(SPEC), [*options, f"schedule.workers={workers}"], out=Path(folder) / "run")
        measured = made.training_seconds / iterations
        print(f"{workers:7}  {predicted:26.4f}  {measured:8.4f}  {measured / predicted:20.2f}", flush=True)


if __name__ == "__main__":
    main()

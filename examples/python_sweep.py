"""A sweep as a Python loop: the same spec with other inner step sizes and seeds, and one table at the end.

    python examples/python_sweep.py [ITERATIONS]

Every run is kept under runs/sweep/, with its own report.
"""

import sys
from itertools import product
from pathlib import Path
from statistics import mean

import metaspec

SPEC = Path(__file__).parent.parent / "specs" / "quickstart.meta"
STEP_SIZES = (0.003, 0.01, 0.03)
SEEDS = (1, 2)


def main(iterations: int, runs: Path) -> None:
    base = metaspec.load(SPEC, {"train.iterations": iterations, "evaluate.every": iterations})
    losses: dict[float, list[float]] = {lr: [] for lr in STEP_SIZES}
    for lr, seed in product(STEP_SIZES, SEEDS):
        point = metaspec.change(base, {"inner.lr": lr, "train.seed": seed})
        folder = runs / f"lr-{lr:g}-seed-{seed}"
        begun = (folder / "plan.json").exists()  # a sweep that was interrupted goes on where it was
        result = metaspec.run(point, out=folder, resume=begun)
        losses[lr].append(result.test.mean["query_loss"][-1])
    print("inner.lr   query loss after the last inner step, mean over seeds")
    for lr, found in losses.items():
        print(f"{lr:<9g}  {mean(found):.4f}   ({', '.join(f'{each:.4f}' for each in found)})")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000, Path("runs/sweep"))

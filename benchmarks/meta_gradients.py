"""Meta-gradients of MAML against float64 central differences, as a table: `python -m benchmarks.meta_gradients`.

The figure of each cell is the largest error over the meta-parameters' tensors, in units of the gradient's norm.
First order is compared with differences that hold the inner gradients constant. Wanted: below 1e-6 everywhere.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from itertools import product

from tests.backend.differences import case, kind, learned, relative_error
from tests.backend.small import GLYPH_TASK, SINE, TANH

MODELS = {
    "tanh network": (SINE, TANH),
    "convolutions": (GLYPH_TASK, kind("models", "conv4", filters=2, norm="none")),
    "convolutions, batch norm": (GLYPH_TASK, kind("models", "conv4", filters=2, norm="batch")),
    "convolutions, batch norm, pooled": (
        GLYPH_TASK,
        kind("models", "conv4", filters=2, norm="batch", downsample="pool"),
    ),
}
LEARNED = {
    "init": {"init": learned("glorot_uniform"), "lr": 0.1},
    "rate per layer": {"init": learned("glorot_uniform"), "lr": learned(0.1, per=("layer",), name="inner.lr")},
    "rate per parameter": {"init": learned("glorot_uniform"), "lr": learned(0.1, per=("parameter",), name="inner.lr")},
}
BOUND = 1e-6


def main() -> int:
    columns = list(product([1, 2], [1, 2, 5]))
    print(f"{'':54}" + "".join(f"order {order}, {steps} step{'s' * (steps > 1):1}  " for order, steps in columns))
    worst = 0.0
    for (model, (task, network)), (what, fields) in product(MODELS.items(), LEARNED.items()):
        cells = []
        for order, steps in columns:
            inner = kind("inner", "sgd", steps=steps, **fields)
            found = case(task, network, inner, kind("metagrads", "unroll", order=order))
            cells.append(relative_error(found, constant_gradients=order == 1))
        worst = max(worst, *cells)
        print(f"{model + ', ' + what:54}" + "".join(f"{cell:15.1e}  " for cell in cells), flush=True)
    print(f"\nworst {worst:.1e}, wanted below {BOUND:.0e}: {'met' if worst < BOUND else 'NOT met'}")
    return 0 if worst < BOUND else 1


if __name__ == "__main__":
    raise SystemExit(main())

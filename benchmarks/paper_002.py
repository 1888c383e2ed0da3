"""`python -m benchmarks.paper_002`: what meta-gradients at scale are for, after a lecture on large-scale meta-optimization.

Weight decay by implicit differentiation against searches with the same seconds, on digits and on an LSTM; distilled
training sets; learned losses, augmentations and architectures, each against its plain counterpart over three seeds; and
evolution with two numbers and with two thousand. Each row is a run of its own; those that are finished are not run
again. About an hour on two quiet cores: `digits` and `lstm` are timed, one run after the other; the others go two
at a time.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks import paper_002_parts as parts
from benchmarks import paper_002_search as searches
from metaspec.runtime.fingerprint import processor

PARTS: dict[str, Callable[[Path, bool], list[str]]] = {
    "digits": lambda out, quick: searches.run(searches.DIGITS, out, quick),
    "lstm": lambda out, quick: searches.run(searches.LSTM, out, quick),
    "distillation": parts.distillation,
    "loss": parts.loss,
    "augmentation": parts.augmentation,
    "architecture": parts.architecture,
    "evolution": parts.evolution,
}


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.paper_002", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("runs/paper-002"), help="folder of the runs")
    parser.add_argument("--only", action="append", choices=PARTS, help="this part alone; may be repeated")
    parser.add_argument("--quick", action="store_true", help="a few seconds a row: no figures")
    options = parser.parse_args(arguments)
    print(f"{processor()}, {os.cpu_count()} cores", flush=True)
    for name, part in PARTS.items():
        if options.only is None or name in options.only:
            print("\n".join(["", *part(options.out, options.quick)]), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

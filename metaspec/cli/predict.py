"""`metaspec predict RUN --labelled FOLDER PICTURE...`"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from metaspec.adapting import Adapted, learner
from metaspec.cli.arguments import add_allow_python, add_json
from metaspec.cli.exits import FINE, RUN_FAILED, WRONG_USE
from metaspec.cli.output import print_diagnostics, print_json, wrong_use
from metaspec.data.images import image_suffixes
from metaspec.runtime.errors import RunError


class Unusable(Exception):
    """What was given cannot be predicted; the message says why."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", type=Path, help="a finished run's folder, such as runs/images")
    parser.add_argument("pictures", metavar="PICTURE", type=Path, nargs="+", help="pictures, or folders of them")
    parser.add_argument(
        "--labelled", metavar="FOLDER", type=Path, required=True, help="a folder for each class, with its pictures"
    )
    parser.add_argument("--steps", type=int, metavar="N", help="inner steps (default: those of the run's evaluation)")
    parser.add_argument(
        "--task", metavar="NAME", help="the task block that the pictures are like, where there are several"
    )
    parser.add_argument(
        "--together", action="store_true", help="let `norm = batch` normalise all pictures by their common statistics"
    )
    add_json(parser)
    add_allow_python(parser)
    parser.set_defaults(call=call)


def call(options: argparse.Namespace) -> int:
    try:
        support = labelled(options.labelled)
        asked = [picture for path in options.pictures for picture in pictures(path)]
        found = learner(options.run, options.task, options.allow_python)
        adapted = found.adapt([path for path, _ in support], [name for _, name in support], options.steps)
        shares = adapted.probabilities(asked, options.together)
    except RunError as failure:
        print_diagnostics((failure.diagnostic,))
        return RUN_FAILED
    except (Unusable, ValueError, OSError) as problem:
        wrong_use(str(problem))
        return WRONG_USE
    rows = [dict(zip(map(str, adapted.classes or ()), row.tolist(), strict=True)) for row in shares]
    if options.json:
        print_json([{"picture": str(path), "probabilities": row} for path, row in zip(asked, rows, strict=True)])
    else:
        print("\n".join(lines(adapted, len(support), asked, rows)))
    return FINE


def labelled(folder: Path) -> list[tuple[Path, str]]:
    """Each picture of a folder of classes with the name of its class. Raises Unusable."""
    if not folder.is_dir():
        raise Unusable(f"{folder} is no folder; it should hold one for each class, with its labelled pictures")
    found = [(picture, each.name) for each in sorted(folder.iterdir()) if each.is_dir() for picture in pictures(each)]
    if not found:
        raise Unusable(f"{folder} holds no folder of pictures; it should hold one for each class")
    return found


def pictures(path: Path) -> list[Path]:
    """The picture itself, or all below a folder, by name. Raises Unusable."""
    if not path.exists():
        raise Unusable(f"there is nothing at {path}")
    if not path.is_dir():
        return [path]
    found = [each for each in sorted(path.rglob("*")) if each.suffix.lower() in image_suffixes() and each.is_file()]
    if not found:
        raise Unusable(f"{path} holds no pictures")
    return found


def lines(adapted: Adapted, count: int, asked: Sequence[Path], rows: Sequence[dict[str, float]]) -> list[str]:
    steps = f"{adapted.steps} inner step" + ("" if adapted.steps == 1 else "s")
    told = [f"adapted to {count} labelled pictures of {len(adapted.classes or ())} classes, {steps}", ""]
    best = [max(row, key=row.__getitem__) for row in rows]
    wide, class_wide = max(len(str(path)) for path in asked), max(map(len, best))
    for path, name, row in zip(asked, best, rows, strict=True):
        told.append(f"{path!s:<{wide}}  {name:<{class_wide}}  {row[name]:6.1%}")
    return told

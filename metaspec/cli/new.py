"""`metaspec new TEMPLATE FILE`"""

from __future__ import annotations

import argparse
from importlib import resources
from pathlib import Path

from metaspec.cli.exits import FINE, WRONG_USE
from metaspec.cli.output import wrong_use
from metaspec.diagnostics.suggest import suggest


def templates() -> dict[str, str]:
    """The texts of all templates by name."""
    folder = resources.files("metaspec.cli.templates")
    found = {each.name.removesuffix(".meta"): each for each in folder.iterdir() if each.name.endswith(".meta")}
    return {name: found[name].read_text(encoding="utf-8") for name in sorted(found)}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("template", nargs="?", metavar="TEMPLATE", help="a template; without it they are listed")
    parser.add_argument("file", nargs="?", metavar="FILE", help="where to write it (default: TEMPLATE.meta)")
    parser.set_defaults(call=call)


def call(options: argparse.Namespace) -> int:
    known = templates()
    if options.template is None:
        for name, text in known.items():
            print(f"{name:<12} {_summary(text)}")
        return FINE
    if options.template not in known:
        near = suggest(options.template, known)
        wrong_use(
            f"there is no template `{options.template}`; "
            + (f"did you mean `{near}`?" if near else f"there are {', '.join(known)}")
        )
        return WRONG_USE
    path = Path(options.file or f"{options.template}.meta")
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(known[options.template])
    except FileExistsError:
        wrong_use(f"{path} is there already; nothing was written")
        return WRONG_USE
    except OSError as failure:
        wrong_use(f"cannot write {path}: {(failure.strerror or str(failure)).lower()}")
        return WRONG_USE
    then = "sweep" if options.template in ("search", "sweep") else "run"
    print(f"wrote {path}; next: metaspec check {path}, then metaspec {then} {path}")
    return FINE


def _summary(text: str) -> str:
    """The first comment of a template."""
    return next(line.removeprefix("#").strip() for line in text.splitlines() if line.startswith("#"))

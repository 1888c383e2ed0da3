"""`metaspec list [WORD]`"""

from __future__ import annotations

import argparse

from metaspec.cli.arguments import add_json
from metaspec.cli.exits import FINE, WRONG_USE
from metaspec.cli.output import print_json, wrong_use
from metaspec.diagnostics.suggest import suggest
from metaspec.kinds import registry
from metaspec.kinds.documentation import BLOCKS, category_of, document_block, keyword_of, kinds_of, schema
from metaspec.units import Dimension, unit_names


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("word", nargs="?", metavar="WORD", help="a block (inner, task, ..), data, split, .., units")
    add_json(parser)
    parser.set_defaults(call=call)


def call(options: argparse.Namespace) -> int:
    categories = list(registry.CATEGORIES)
    if options.word and options.word not in ("blocks", "units"):
        category = category_of(options.word)
        if category is None:
            words = [*map(keyword_of, categories), "blocks", "units"]
            near = suggest(options.word, words)
            wrong_use(
                f"nothing is called `{options.word}`; "
                + (f"did you mean `{near}`?" if near else f"there are {', '.join(words)}")
            )
            return WRONG_USE
        categories = [category]
    if options.json:
        print_json(_document(options.word, categories))
        return FINE
    if options.word in (None, "blocks"):
        _print_blocks()
    if options.word not in ("blocks", "units"):
        for category in categories:
            _print_category(category)
    if options.word in (None, "units"):
        _print_units()
    return FINE


def _document(word: str | None, categories: list[str]) -> dict:
    kinds = [schema(each) for category in categories for each in kinds_of(category)]
    units = {str(dimension): list(unit_names(dimension)) for dimension in Dimension}
    announced = {category: list(registry.announced(category)) for category in categories}
    return {
        "blocks": [schema(document_block(name)) for name in BLOCKS if word in (None, "blocks")],
        "kinds": [] if word in ("blocks", "units") else kinds,
        "announced": {} if word in ("blocks", "units") else announced,
        "units": units if word in (None, "units") else {},
    }


def _print_blocks() -> None:
    print("blocks")
    for keyword in ("language", "import", "let"):
        print(f"  {keyword}")
    for keyword, category in registry.KEYWORDS.items():
        print(f"  {keyword:<12} one of its kinds: {', '.join(registry.names(category))}")
    for keyword in BLOCKS:
        print(f"  {keyword:<12} {document_block(keyword).summary}")
    print()


def _print_category(category: str) -> None:
    print(keyword_of(category))
    for each in kinds_of(category):
        later = "" if each.available else "  [not yet available]"
        print(f"  {each.name:<18} {each.summary}{later}")
    waiting = registry.announced(category)
    if waiting:
        print(f"  not yet available: {', '.join(waiting)}")
    print()


def _print_units() -> None:
    print("units")
    for dimension in Dimension:
        print(f"  {dimension:<18} {', '.join(unit_names(dimension))}")

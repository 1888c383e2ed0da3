"""`metaspec show FILE --as tree|ir|meta|graph`"""

from __future__ import annotations

import argparse
import pprint
import sys

from metaspec.api import plan as plan_of
from metaspec.cli.arguments import add_spec, read_source, resolve_spec
from metaspec.cli.exits import ERRORS, FINE
from metaspec.cli.output import print_diagnostics, print_json, report, wants_color
from metaspec.diagnostics import SpecError, has_errors
from metaspec.resolve import to_meta
from metaspec.syntax.formatter import format_text
from metaspec.syntax.highlight import to_terminal
from metaspec.syntax.parser import parse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_spec(parser)
    parser.add_argument(
        "--as",
        dest="form",
        choices=("tree", "ir", "meta", "graph"),
        default="meta",
        help="the tree of the text, the resolved spec as JSON, a spec (default), or the graphs "
        "that it compiles to (this one loads TensorFlow)",
    )
    parser.add_argument("--expanded", action="store_true", help="with `meta`: presets expanded, defaults written out")
    parser.set_defaults(call=call)


def call(options: argparse.Namespace) -> int:
    if options.form == "tree":
        return _tree(options)
    if options.form == "meta" and not options.expanded and not options.overrides and options.point is None:
        return _text(options)
    if options.form == "graph":
        return _graphs(options)
    resolved = resolve_spec(options)
    print_diagnostics(resolved.diagnostics)
    if resolved.spec is None or resolved.failed:
        return ERRORS
    if options.form == "ir":
        print_json(resolved.spec.model_dump(mode="json"))
    else:
        _print_meta(to_meta(resolved.spec, complete=options.expanded))
    return FINE


def _tree(options: argparse.Namespace) -> int:
    parsed = parse(read_source(options.file))
    print_diagnostics(parsed.diagnostics)
    pprint.pp(parsed.tree.items, width=110)
    return ERRORS if has_errors(parsed.diagnostics) else FINE


def _graphs(options: argparse.Namespace) -> int:
    try:
        plan = plan_of(resolve_spec(options))
    except SpecError as failure:
        report(failure.diagnostics, False)
        return ERRORS
    from metaspec.runtime.graphs import described  # the one form that loads TensorFlow

    for graph in described(plan):
        print(f"{graph.name}: {graph.size} operations, {graph.loops} loops" + (", compiled by XLA" * graph.compiled))
        for side, entries in (("in", graph.inputs), ("out", graph.outputs)):
            for name, shape in entries:
                print(f"  {side:3}  {name}  {shape}")
        most = list(graph.operations.items())[:12]
        print("  most of them: " + ", ".join(f"{name} {count}" for name, count in most) + "\n")
    return FINE


def _text(options: argparse.Namespace) -> int:
    source = read_source(options.file)
    parsed = parse(source)
    print_diagnostics(parsed.diagnostics)
    if has_errors(parsed.diagnostics):
        return ERRORS
    _print_meta(format_text(source))
    return FINE


def _print_meta(text: str) -> None:
    sys.stdout.write(to_terminal(text) if wants_color(sys.stdout) else text)

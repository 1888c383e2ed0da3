"""`metaspec explain FILE PATH`, `metaspec explain E0203`, `metaspec explain inner.sgd`"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from metaspec.cli.arguments import read_source
from metaspec.cli.exits import ERRORS, FINE, WRONG_USE
from metaspec.cli.output import print_diagnostics, wrong_use
from metaspec.diagnostics.catalogue import catalogue
from metaspec.diagnostics.suggest import called_here, suggest
from metaspec.kinds import registry
from metaspec.kinds.documentation import BLOCKS, KindDocument, category_of, find_documents, keyword_of
from metaspec.kinds.references import REFERENCES
from metaspec.resolve import Resolved, resolve
from metaspec.resolve.history import history
from metaspec.resolve.written import spelled

_CODE = re.compile(r"[EWN][0-9]{4}")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "what",
        metavar="WHAT",
        help="a code (E0203), a kind (inner.sgd), a field (inner.sgd.lr), "
        "a block (train), or a spec's file, which PATH follows",
    )
    parser.add_argument("path", nargs="?", metavar="PATH", help="a value of the spec, such as inner.lr")
    parser.add_argument("-s", "--set", dest="overrides", action="append", default=[], metavar="PATH=VALUE")
    parser.add_argument("--sweep", metavar="NAME")
    parser.add_argument("--point", type=int, metavar="K")
    parser.add_argument("--allow-python", action="store_true")
    parser.set_defaults(call=call)


def call(options: argparse.Namespace) -> int:
    if options.path is not None or options.what.endswith(".meta"):
        return _value(options)
    if _CODE.fullmatch(options.what.upper()):
        return _code(options.what.upper())
    return _kind(options.what)


# --- A value of a spec ---------------------------------------------------------------------------


def _value(options: argparse.Namespace) -> int:
    resolved = resolve(read_source(options.what), options.overrides, options.point, options.sweep, options.allow_python)
    if resolved.spec is None:
        print_diagnostics(resolved.diagnostics)
        return ERRORS
    if options.path is None:
        for path in sorted(resolved.provenance):
            print(_last(resolved, path))
        return FINE
    found = history(resolved, options.path)
    if not found:
        near = _near(options.path, list(resolved.provenance))
        wrong_use(f"the spec has no value at {options.path}" + (f"; did you mean {near}?" if near else ""))
        return WRONG_USE
    for path, chain in found.items():
        print(path)
        width = max(len(origin.where) for origin in chain)
        for origin in chain:
            through = f"  ({origin.through})" if origin.through else ""
            print(f"  {origin.where:<{width}}  {origin.value}{through}")
    return FINE


def _near(path: str, known: list[str]) -> str | None:
    """The value that was meant: by a slip, by its last word alone, or by another name of that."""
    first, _, word = path.rpartition(".")
    inside = {each.rpartition(".")[2]: each for each in reversed(known) if not first or each.startswith(f"{first}.")}
    if not first and word in inside:
        return inside[word]
    if other := called_here(word, inside):
        return inside[other]
    return suggest(path, known)


def _last(resolved: Resolved, path: str) -> str:
    origin = resolved.provenance[path][-1]
    return f"{path} = {origin.value}  [{origin.where}]"


# --- A code --------------------------------------------------------------------------------------


def _code(code: str) -> int:
    entry = catalogue().get(code)
    if entry is None:
        near = suggest(code, catalogue())
        wrong_use(f"there is no code {code}" + (f"; did you mean {near}?" if near else ""))
        return WRONG_USE
    parts = (f"{code}: {entry.title}", entry.text, "wrong:", _indented(entry.wrong), "right:", _indented(entry.right))
    print("\n\n".join(parts))
    return FINE


def _indented(text: str) -> str:
    return "\n".join(f"    {line}".rstrip() for line in text.rstrip().splitlines())


# --- A kind, block or field ----------------------------------------------------------------------


def _kind(word: str) -> int:
    documents = find_documents(word)
    if documents:
        print("\n\n".join(_document(each) for each in documents))
        return FINE
    owner, _, field = word.rpartition(".")
    chosen = [
        (each, entry)
        for each in (find_documents(owner) if owner else [])
        for entry in each.fields
        if entry.name == field
    ]
    if chosen:
        for document, entry in chosen:
            print(f"{document.title}.{field}\n  {entry.text}\n  takes {entry.takes}\n  {_default(entry)}")
        return FINE
    category = category_of(word)
    if category:
        print("\n".join(f"{keyword_of(category)}.{name}" for name in registry.names(category)))
        return FINE
    if Path(word).exists():
        wrong_use(f"{word} does not end in .meta; write `metaspec explain {word} PATH`")
        return WRONG_USE
    known = [*BLOCKS, *(name for category in registry.CATEGORIES for name in registry.names(category))]
    near = suggest(word, known)
    way_out = f"did you mean `{near}`?" if near else "`metaspec list` has all names"
    wrong_use(f"nothing is called `{word}`; {way_out}")
    return WRONG_USE


def _document(document: KindDocument) -> str:
    lines = [document.title + ("" if document.available else "  [not yet available]"), "", _indented(document.text)]
    if document.expansion:
        lines += ["", "  stands for", "", _indented(document.expansion)]
    if document.fields:
        lines += ["", "  fields"]
    for each in document.fields:
        takes = f"takes {each.takes}" if each.takes else ""
        default = _default(each) if each.types else ""  # parts with a syntax of their own have none
        lines.append(f"    {each.name:<14} {'; '.join(part for part in (each.text, takes, default) if part)}")
    for key in document.references:
        lines += ["", _indented(REFERENCES[key])]
    return "\n".join(lines)


def _default(entry) -> str:
    return "required" if entry.required else f"default {spelled(entry.default, entry.types)}"

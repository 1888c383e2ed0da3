"""A tree as text: for specs that a program made, and for `show --as meta`.

`print_tree` gives text in the look of `metaspec fmt`; parsing it gives an equal tree.
"""

from __future__ import annotations

from collections.abc import Sequence

from metaspec.source import Source
from metaspec.syntax import tree
from metaspec.syntax.formatter import format_text

WIDTH = 100
"""Columns up to which a new block is written on one line."""

_INDENT = 2
_LOOSEST, _SUM, _PRODUCT, _SIGNED = range(4)
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"}


def print_tree(file: tree.File) -> str:
    """The file as text. Raises SpecError where the tree is one that no text can give, such as a name
    with a space."""
    paragraphs: list[str] = []
    last: str | None = None
    for item in file.items:
        text = _item(item)
        part = "block" if isinstance(item, tree.Block) else type(item).__name__
        part = "task" if isinstance(item, tree.Block) and item.keyword.text in ("task", "cluster") else part
        if "\n" in text:
            part += f" {len(paragraphs)}"  # stands alone
        paragraphs += ["", text] if paragraphs and part != last else [text]
        last = part
    return format_text(Source("printed", "\n".join(paragraphs)))


def print_value(value: tree.Value) -> str:
    """The value on one line."""
    return _value(value, _LOOSEST)


def _item(item: tree.Item) -> str:
    match item:
        case tree.Language(version=version):
            return f"language {version.text}"
        case tree.Import(path=path, python=True):
            return f"import python {print_value(path)}"
        case tree.Import(path=path, alias=alias):
            return f"import {print_value(path)}" + (f" as {alias.text}" if alias else "")
        case tree.Let(name=name, value=value):
            return f"let {name.text} = {_broad(print_value(value), value, 0)}"
    head = " ".join(part.text for part in (item.keyword, item.name) if part)
    head += f" = {item.kind.text}" if item.kind else ""
    if item.body is None:
        return head
    return f"{head} {_braces(item.body, len(head) + 1, 0)}"


def _braces(entries: Sequence[tree.Entry | tree.Constructor | tree.Name], column: int, indent: int) -> str:
    """Braces that begin at a column: on one line where that is short enough."""
    flat = _flat_braces(entries)
    if column + len(flat) <= WIDTH and not any(isinstance(entry, tree.ListOf) for entry in entries):
        return flat
    inner = indent + _INDENT
    lines = [" " * inner + _broad(_flat_entry(entry), entry, inner) for entry in entries]
    return "\n".join(["{", *lines, " " * indent + "}"])


def _broad(flat: str, node: object, indent: int) -> str:
    """The text of an entry or value, over several lines where one line would be too long."""
    match node:
        case tree.ListOf(keyword=keyword, constructors=choices):
            inner = indent + _INDENT
            lines = [" " * inner + _broad(_flat_entry(each), each, inner) for each in choices]
            return "\n".join([f"list {keyword.text} {{", *lines, " " * indent + "}"])
        case _ if indent + len(flat) <= WIDTH:
            return flat
        case tree.Field(path=path, value=tree.Constructor() | tree.Table() as value):
            return f"{path.text} = {_broad(flat, value, indent)}"
        case tree.Constructor(kind=kind, fields=fields) if fields:
            return f"{kind.text} {_braces(fields, WIDTH, indent)}"
        case tree.Table(fields=fields) if fields:
            return _braces(fields, WIDTH, indent)
        case tree.Grid(fields=fields) | tree.Zip(fields=fields) | tree.Search(fields=fields):
            return f"{type(node).__name__.lower()} {_braces(fields, WIDTH, indent)}"
        case tree.When(block=block, kind=kind, fields=fields):
            return f"when {block.text} is {kind.text} {_braces(fields, WIDTH, indent)}"
    return flat


def _flat_braces(entries: Sequence[tree.Entry | tree.Constructor | tree.Name]) -> str:
    inner = ", ".join(_flat_entry(entry) for entry in entries)
    return f"{{ {inner} }}" if inner else "{}"


def _flat_entry(entry: tree.Entry | tree.Constructor | tree.Name) -> str:
    match entry:
        case tree.Field(path=path, value=value):
            return f"{path.text} = {print_value(value)}"
        case tree.Comparison(metric=metric, op=op, value=value):
            return f"{metric.text} {op} {print_value(value)}"
        case tree.ListOf(keyword=keyword, constructors=choices):
            return f"list {keyword.text} {_flat_braces(choices)}"
        case tree.When(block=block, kind=kind, fields=fields):
            return f"when {block.text} is {kind.text} {_flat_braces(fields)}"
        case tree.Grid(fields=fields) | tree.Zip(fields=fields) | tree.Search(fields=fields):
            return f"{type(entry).__name__.lower()} {_flat_braces(fields)}"
    return print_value(entry)


def _value(value: tree.Value, level: int) -> str:
    """The value, between brackets where it binds looser than its place asks for."""
    match value:
        case tree.Range(first=first, last=last):
            text, own = f"{_value(first, _SUM)}..{_value(last, _SUM)}", _LOOSEST
        case tree.Arithmetic(op=op, left=left, right=right):
            own = _SUM if op in "+-" else _PRODUCT
            text = f"{_value(left, own)} {op} {_value(right, own + 1)}"
        case tree.Negative(value=inner):
            text, own = f"-{_value(inner, _SIGNED)}", _SIGNED
        case _:
            return _atom(value)
    return f"({text})" if own < level else text


def _atom(value: tree.Value) -> str:
    match value:
        case tree.Number(text=text) | tree.Name(text=text):
            return text
        case tree.String(value=text):
            return '"' + "".join(_ESCAPES.get(character, character) for character in text) + '"'
        case tree.Boolean(value=truth):
            return "true" if truth else "false"
        case tree.ListValue(items=items):
            return f"[{', '.join(print_value(item) for item in items)}]"
        case tree.Call(name=name, args=args, named=named):
            parts = [print_value(arg) for arg in args] + [_flat_entry(each) for each in named]
            return f"{name.text}({', '.join(parts)})"
        case tree.Constructor(kind=kind, fields=fields):
            return f"{kind.text} {_flat_braces(fields)}"
        case tree.Table(fields=fields):
            return _flat_braces(fields)
    raise TypeError(f"{type(value).__name__} is no value")


__all__ = ["WIDTH", "format_text", "print_tree", "print_value"]

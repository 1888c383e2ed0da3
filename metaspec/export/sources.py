"""The modules of metaspec that an exported package carries: copies beside each other, without the rest of metaspec."""

from __future__ import annotations

import ast
import re
from importlib import resources

_IMPORT = re.compile(r"^from (metaspec(?:\.\w+)+) import", re.MULTILINE)


def copies(modules: tuple[str, ...]) -> dict[str, str]:
    """File name -> text, of the modules and those that they import when they run.

    A module's file has its last name, and imports the others relatively. Imports for type checking are left out.
    """
    found: dict[str, str] = {}
    waiting = list(modules)
    while waiting:
        module = waiting.pop()
        name = f"{last(module)}.py"
        if name in found:
            continue
        text = without_typing(source(module))
        waiting += _IMPORT.findall(text)
        found[name] = _IMPORT.sub(lambda match: f"from .{last(match[1])} import", text)
    return dict(sorted(found.items()))


def last(module: str) -> str:
    return module.rpartition(".")[2]


def source(module: str) -> str:
    """The text of a module, which is not imported."""
    _, *folders, name = module.split(".")
    folder = resources.files("metaspec").joinpath(*folders)
    file = folder / f"{name}.py"
    return (file if file.is_file() else folder / name / "__init__.py").read_text(encoding="utf-8")


def without_typing(text: str) -> str:
    """The text without what is imported for type checking alone; annotations are not evaluated."""
    lines = text.splitlines(keepends=True)
    for node in ast.parse(text).body:
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            lines[node.lineno - 1 : node.end_lineno] = [""] * (node.end_lineno - node.lineno + 1)
    kept = "".join(lines).replace("from typing import TYPE_CHECKING\n\n", "").replace("TYPE_CHECKING, ", "")
    return re.sub(r"\n{4,}", "\n\n\n", kept)

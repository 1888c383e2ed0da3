"""Kinds of the user's own, from `import python "my_tasks.py"`. The code runs only where that was allowed."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from types import ModuleType

from metaspec.diagnostics import Diagnostic, error
from metaspec.kinds import registry
from metaspec.resolve.unit import PythonModule


def import_modules(modules: Iterable[PythonModule], allowed: bool, found: list[Diagnostic]) -> tuple[str, ...]:
    """The absolute paths of the modules whose kinds are now known; without permission nothing is executed."""
    paths: list[str] = []
    for each in modules:
        if not allowed:
            found.append(
                error(
                    "E0603",
                    f"{each.path.name} holds Python code, which is not allowed to run",
                    each.span,
                    help=["read it first, then add `--allow-python`"],
                )
            )
            continue
        try:
            register_module(each.path)
        except Exception as failure:  # the user's own code can raise anything
            reason = f"{type(failure).__name__}: {failure}"
            found.append(error("E0604", f"{each.path.name} could not be imported: {reason}", each.span))
            continue
        if str(each.path) not in paths:
            paths.append(str(each.path))
    return tuple(paths)


def register_module(path: Path) -> ModuleType:
    """Import a file as a module and make its kinds known, once for each file. Workers do so for `spec.python`.

    Modules beside the file can be imported from then on, as beside a script: the half of a kind that needs
    TensorFlow lies there. They come last on the path, and hide nothing that is installed.
    """
    if str(path.parent) not in sys.path:
        sys.path.append(str(path.parent))
    name = f"metaspec_python_{sha256(str(path).encode()).hexdigest()[:16]}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
        registry.register(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module

"""Which kinds there are: one module for each in `metaspec/kinds/CATEGORY/`, or an entry point of another package.

Names come from the list of files, so that a kind's module is imported only when it is used.
"""

import importlib
import importlib.util
import pkgutil
import re
from functools import cache
from importlib.machinery import PathFinder
from importlib.metadata import EntryPoint, entry_points
from types import ModuleType
from typing import TypeVar

from metaspec.kinds.announced import ANNOUNCED
from metaspec.spec.kind import Kind

K = TypeVar("K", bound=Kind)

# keyword of a block -> category of its kinds; categories without a keyword stand in fields.
KEYWORDS = {
    "task": "tasks",
    "cluster": "clusters",
    "model": "models",
    "inner": "inner",
    "metagrad": "metagrads",
    "outer": "outers",
    "schedule": "schedules",
}
CATEGORIES = (
    *KEYWORDS.values(),
    "data",
    "splits",
    "presets",
    "solvers",
    "exchanges",
    "merges",
    "groupings",
    "sources",
    "augmentations",
    "architectures",
    "problems",
)
GROUP = "metaspec.kinds"  # entry points: `CATEGORY.NAME = "package.module"`


@cache
def _entry_points() -> dict[tuple[str, str], EntryPoint]:
    found = {}
    for point in entry_points(group=GROUP):
        category, _, name = point.name.partition(".")
        found[category, name] = point
    return found


# Kinds of the modules that specs import; filled when `import python` runs, empty otherwise.
_REGISTERED: dict[tuple[str, str], type[Kind]] = {}


def register(module: ModuleType) -> tuple[type[Kind], ...]:
    """Make the kinds that a module defines known: `class Spiral(Task)` is `spiral`, unless it sets `name`.

    Raises ValueError where a name is taken by another kind.
    """
    found = tuple(
        entry
        for entry in vars(module).values()
        if isinstance(entry, type) and issubclass(entry, Kind) and entry.__module__ == module.__name__
    )
    for kind in found:
        name = vars(kind).get("name") or re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower()
        known = _REGISTERED.get((kind.category, name))
        if name in _modules(kind.category) or (known and known.__module__ != module.__name__):
            raise ValueError(f"the name `{name}` is taken by another kind")
        kind.name = name
        _REGISTERED[kind.category, name] = kind
    return found


@cache
def _modules(category: str) -> tuple[str, ...]:
    package = importlib.import_module(f"metaspec.kinds.{category}")
    return tuple(sorted(module.name for module in pkgutil.iter_modules(package.__path__)))


def names(category: str) -> tuple[str, ...]:
    """The kinds that have a class, by name; what runs and what is only declared alike."""
    others = (*_entry_points(), *_REGISTERED)
    own = set(_modules(category)) | {name for group, name in others if group == category}
    return tuple(sorted(own))


def announced(category: str) -> tuple[str, ...]:
    """Names that the language knows and that have no class yet."""
    return tuple(name for name in ANNOUNCED.get(category, ()) if name not in names(category))


def load(category: str, name: str) -> type[Kind]:
    """The class of a kind. Raises KeyError for a name that `names` does not list."""
    return _REGISTERED.get((category, name)) or _load(category, name)


def load_as(base: type[K], name: str) -> type[K]:
    """The class of a kind of the category of `base`. Raises KeyError where there is none, TypeError for one of another base."""
    found = load(base.category, name)
    if not issubclass(found, base):
        raise TypeError(f"{name} is no {base.__name__}")
    return found


@cache
def _load(category: str, name: str) -> type[Kind]:
    if name in _modules(category):
        module = importlib.import_module(f"metaspec.kinds.{category}.{name}")
    elif (category, name) in _entry_points():
        module = _entry_points()[category, name].load()
    else:
        raise KeyError(f"{category}/{name}")
    return _kind_of(module, category, name)


def _kind_of(module: ModuleType, category: str, name: str) -> type[Kind]:
    """The one class of a kind's module that belongs to the category and is defined there."""
    found = [
        entry
        for entry in vars(module).values()
        if isinstance(entry, type)
        and issubclass(entry, Kind)
        and entry.__module__ == module.__name__
        and entry.category == category
    ]
    if len(found) != 1:
        raise TypeError(f"{module.__name__} must define exactly one kind of category {category}, it has {len(found)}")
    found[0].name = name
    return found[0]


def available(category: str, name: str) -> bool:
    """Whether the kind can be executed: the module that executes it exists. Imports nothing heavy."""
    if name not in names(category):
        return False
    kind = load(category, name)
    if not kind.executed_by:
        return True
    return _is_there(kind.executed_by.format(name=name))


def _is_there(path: str) -> bool:
    """Whether a module exists. Finds it by its files: importing a package on the way could import TensorFlow."""
    top, *rest = path.split(".")
    found = importlib.util.find_spec(top)
    for part in rest:
        if found is None or found.submodule_search_locations is None:
            return False
        found = PathFinder.find_spec(part, found.submodule_search_locations)
    return found is not None

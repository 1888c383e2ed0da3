"""What lies in a folder of classes and is no item, so that nobody believes it were: other files, folders without a picture."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import PurePosixPath

# What systems put into folders without being asked.
_OF_SYSTEMS = frozenset({"thumbs.db", "desktop.ini"})


@dataclass(frozen=True, slots=True)
class PassedOver:
    """Names relative to the root, sorted. files: beside pictures, by their endings none themselves.

    folders: those at the end of a path that hold no picture, with the number of other files in each.
    """

    files: tuple[str, ...] = ()
    folders: dict[str, int] = field(default_factory=dict)


NOTHING = PassedOver()


def passed_over(files: Iterable[str], folders: Iterable[str], pictures: Iterable[str]) -> PassedOver:
    """files: all of them, pictures included; folders: all of them; each relative to the root."""
    taken = frozenset(pictures)
    others = [name for name in files if name not in taken and PurePosixPath(name).name.lower() not in _OF_SYSTEMS]
    classes = {_folder_of(name) for name in taken}
    held = Counter(_folder_of(name) for name in others)
    names = sorted(folders)
    above = {_folder_of(name) for name in names}
    without = {name: held[name] for name in names if name not in above and name not in classes}
    return PassedOver(tuple(sorted(name for name in others if _folder_of(name) in classes)), without)


def _folder_of(name: str) -> str:
    return PurePosixPath(name).parent.as_posix()

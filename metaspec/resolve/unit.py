"""What a file and its imports end up with: blocks, names and sweeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from metaspec.kinds import registry
from metaspec.resolve.bind import Scope
from metaspec.resolve.draft import Draft
from metaspec.source import Source, Span
from metaspec.syntax import tree

LANGUAGE = 1
NAMED = ("task", "cluster", "model", "sweep")  # a spec may hold several of these, told apart by name
UNNAMED = ("inner", "metagrad", "outer", "train", "schedule", "evaluate", "expect")
WITHOUT_KIND = ("train", "evaluate", "expect", "sweep")


@dataclass(frozen=True, slots=True)
class PythonModule:
    """A module of the user's own, as an import names it."""

    path: Path
    span: Span | None


@dataclass(slots=True)
class Unit:
    """What one file says, its imports included: blocks by key, in the order in which they were declared.

    `unread`: key -> keyword of blocks that could not be read, which is reported; they are not missing.
    """

    source: Source
    language: int = LANGUAGE
    scope: Scope = field(default_factory=Scope)
    drafts: dict[str, Draft] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)
    sweeps: dict[str, tuple[tree.Block, Scope]] = field(default_factory=dict)
    aliases: dict[str, Unit] = field(default_factory=dict)
    python: list[PythonModule] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)

    def find(self, name: str) -> Draft | None:
        """The block that a name stands for: declared earlier, imported, or `ALIAS.NAME`."""
        first, _, rest = name.partition(".")
        if rest:
            return self.aliases[first].find(rest) if first in self.aliases else None
        return self.drafts.get(name)

    def could_not_read(self, name: str) -> bool:
        """Whether a name stands for a block that is there and could not be read."""
        first, _, rest = name.partition(".")
        if rest:
            return first in self.aliases and self.aliases[first].could_not_read(rest)
        return name in self.unread

    def names(self) -> dict[str, str]:
        """Every name of a block that can be copied here -> its keyword."""
        found = {key: draft.keyword for key, draft in self.drafts.items()}
        for alias, unit in self.aliases.items():
            found |= {f"{alias}.{key}": draft.keyword for key, draft in unit.drafts.items()}
        return found


def kinds_for(keyword: str) -> tuple[str, ...]:
    """The names that are legal after `KEYWORD =`, presets included."""
    category = registry.KEYWORDS.get(keyword)
    if category is None:
        return ()
    presets = registry.names("presets") if category == "inner" else ()
    return tuple(dict.fromkeys((*registry.names(category), *presets)))  # `matching` is both


def by_keyword(drafts: Mapping[str, Draft], keyword: str) -> list[Draft]:
    """The blocks of one keyword, in order."""
    return [draft for draft in drafts.values() if draft.keyword == keyword]

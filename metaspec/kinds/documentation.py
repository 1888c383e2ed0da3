"""What a kind or block declares, as data and as text: for `explain`, `list`, the reference pages and the schema."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, replace
from typing import Any

from pydantic.fields import FieldInfo

from metaspec.kinds import registry
from metaspec.kinds.phrases import SINGULAR, phrase
from metaspec.spec.base import Frozen
from metaspec.spec.blocks import Evaluate, Expect, Sweep, Train
from metaspec.spec.declared import FieldType, field_types
from metaspec.spec.kind import Preset

BLOCKS: dict[str, type[Frozen]] = {"train": Train, "evaluate": Evaluate, "expect": Expect, "sweep": Sweep}


@dataclass(frozen=True, slots=True)
class FieldDocument:
    """One field: what it takes, in words; its default as a value of the IR; its line of documentation."""

    name: str
    takes: str
    types: tuple[FieldType, ...]
    required: bool
    default: Any
    text: str


@dataclass(frozen=True, slots=True)
class KindDocument:
    """One kind, or a block without kinds (`category` is then empty)."""

    name: str
    category: str
    summary: str
    text: str
    fields: tuple[FieldDocument, ...]
    references: tuple[str, ...]
    available: bool
    expansion: str = ""

    @property
    def title(self) -> str:
        """`inner.sgd`, `train`"""
        return f"{keyword_of(self.category)}.{self.name}" if self.category else self.name


def _part(name: str, takes: str, text: str) -> FieldDocument:
    return FieldDocument(name, takes, (), False, None, text)


# What stands in a block with a syntax of its own, which is not its fields in the IR.
_PARTS = {
    "sweep": (
        _part("grid", "{ PATH = VALUES, .. }", "every combination of values, each a list, a range or `logspace(..)`"),
        _part("zip", "{ PATH = VALUES, .. }", "values side by side, in lists of one length"),
        _part(
            "list", "BLOCK { KIND { .. } KIND { .. } .. }", "whole blocks, one after the other in the place of BLOCK"
        ),
        _part("when", "BLOCK is KIND { PATH = VALUE, .. }", "values for those points only where BLOCK is of that kind"),
        _part(
            "search",
            "{ PATH = DISTRIBUTION, .., trials = N }",
            "trials that are drawn one after the other; it stands alone, and also takes `objective` and `sampler`",
        ),
    ),
}


def keyword_of(category: str) -> str:
    """The word that kinds of a category are named with: the block's keyword, or the category in the singular."""
    for keyword, known in registry.KEYWORDS.items():
        if known == category:
            return keyword
    return {"data": "data"}.get(category, category.removesuffix("s"))


def category_of(word: str) -> str | None:
    """The category that a word such as `inner`, `task` or `split` stands for."""
    return next((each for each in registry.CATEGORIES if word in (each, keyword_of(each))), None)


def document_kind(category: str, name: str) -> KindDocument:
    """The documentation of a kind. Raises KeyError where there is none of that name."""
    kind = registry.load(category, name)
    expansion = inspect.cleandoc(kind.expansion) if issubclass(kind, Preset) else ""
    return _document(kind, name, category, kind.references, registry.available(category, name), expansion)


def document_block(keyword: str) -> KindDocument:
    """The documentation of a block that has no kinds."""
    found = _document(BLOCKS[keyword], keyword, "", (), True, "")
    return replace(found, fields=_PARTS[keyword]) if keyword in _PARTS else found


def find_documents(path: str) -> list[KindDocument]:
    """What `inner.sgd`, `sgd` or `train` can mean; a bare name can be a kind of several categories."""
    if path in BLOCKS:
        return [document_block(path)]
    word, _, name = path.rpartition(".")
    categories = [each for each in registry.CATEGORIES if not word or each == category_of(word)]
    return [document_kind(category, name) for category in categories if name in registry.names(category)]


def schema(document: KindDocument) -> dict[str, Any]:
    """The kind as plain data, for `--json` and for tools."""
    kind = registry.load(document.category, document.name) if document.category else BLOCKS[document.name]
    return {
        "name": document.name,
        "category": document.category,
        "what": SINGULAR.get(document.category, "block"),
        "summary": document.summary,
        "available": document.available,
        "references": list(document.references),
        "expansion": document.expansion,
        "fields": {
            each.name: {"takes": each.takes, "required": each.required, "doc": each.text} for each in document.fields
        },
        "json_schema": kind.model_json_schema(mode="validation"),
    }


def _document(
    block: type[Frozen], name: str, category: str, references: tuple[str, ...], available: bool, expansion: str
) -> KindDocument:
    text = inspect.cleandoc(block.__doc__ or "")
    fields = tuple(_field(each, info) for each, info in block.model_fields.items())
    return KindDocument(name, category, first_line(text), text, fields, references, available, expansion)


def first_line(text: str) -> str:
    """The first paragraph of a docstring, on one line."""
    return " ".join(text.split("\n\n")[0].split())


def _field(name: str, info: FieldInfo) -> FieldDocument:
    types = _types_of(info)
    required = info.is_required()
    default = None if required else info.default
    return FieldDocument(name, phrase(types), types, required, default, info.description or "")


def _types_of(info: FieldInfo) -> tuple[FieldType, ...]:
    """The types of a field; none for the parts of `expect` and `sweep`, which have a syntax of their own."""
    try:
        return field_types(info)
    except TypeError:
        return ()


def kinds_of(category: str) -> list[KindDocument]:
    """The documentation of every kind of a category, by name."""
    return [document_kind(category, name) for name in registry.names(category)]

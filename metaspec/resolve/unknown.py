"""Words that are not known where they stand: the name that was meant, or the block that the word belongs to."""

from __future__ import annotations

from collections.abc import Sequence

from metaspec.diagnostics import Diagnostic, Fix, error
from metaspec.diagnostics.suggest import called_here, distance, suggest
from metaspec.kinds import registry
from metaspec.kinds.documentation import BLOCKS
from metaspec.kinds.phrases import one_of
from metaspec.source import Span
from metaspec.spec.base import Frozen
from metaspec.spec.kind import Kind

_SLIP = 1
"""Edits up to which a word is a slip of the keys, and not another word."""
_MOST_SHOWN = 24


def unknown_word(
    code: str,
    message: str,
    word: str,
    legal: Sequence[str],
    span: Span | None,
    others: str = "",
    announced: Sequence[str] = (),
) -> Diagnostic:
    """An error about a word that is none of the legal ones, with the nearest of them as a fix.

    `announced`: words that are known and not legal yet, which are not listed.
    """
    other = called_here(word, legal)  # with no fix: it is another word, and may mean another thing
    near = None if other else suggest(word, [*legal, *announced])
    help = [f"did you mean `{other or near}`?"] if other or near else []
    if not help and 0 < len(legal) <= _MOST_SHOWN:
        help.append(f"legal here: {one_of(legal)}")
    if others:
        help.append(others)
    fix = Fix(f"write `{near}`", ((span, near),)) if near and span else None
    return error(code, message, span, help=help, fix=fix)


def unknown_field(
    code: str, title: str, word: str, legal: Sequence[str], span: Span | None, block: type[Frozen] | None = None
) -> Diagnostic:
    """`` `train` has no field `lr` ``: with the near name, else with the kinds or blocks that do have it.

    `code` is that of a word which none of them has; `block` is the class that stands there.
    """
    message = f"`{title}` has no field `{word}`"
    near = suggest(word, legal)
    slip = near is not None and distance(word, near) <= _SLIP
    other = called_here(word, legal)
    owners = _kinds_with(word, block) or ([] if slip or other else _blocks_with(word))
    if not owners and not near and not other and (elsewhere := _called_in_blocks(word)):
        return error(code, message, span, help=[elsewhere, f"legal here: {', '.join(legal)}"])
    if not owners:
        return unknown_word(code, message, word, legal, span)
    help = [f"`{word}` belongs to {', '.join(owners)}", f"legal here: {', '.join(legal)}"]
    return error("E0403" if code == "E0203" else code, message, span, help=help)


def _kinds_with(word: str, block: type[Frozen] | None) -> list[str]:
    """The kinds of the same category that have the field."""
    if block is None or not issubclass(block, Kind):
        return []
    kinds = (registry.load(block.category, name) for name in registry.names(block.category))
    return [f"`{kind.name}`" for kind in kinds if word in kind.model_fields]


def _called_in_blocks(word: str) -> str | None:
    """What the word is called in other blocks."""
    every = {name for block in _every_block() for name in block.model_fields}
    other = called_here(word, every)
    return f"`{word}` is called `{other}` here, and belongs to {', '.join(_blocks_with(other))}" if other else None


def _every_block() -> list[type[Frozen]]:
    kinds = [registry.load(each, name) for each in registry.KEYWORDS.values() for name in registry.names(each)]
    return [*kinds, BLOCKS["train"], BLOCKS["evaluate"]]


def _blocks_with(word: str) -> list[str]:
    """The keywords of the blocks that have the field, of some kind or without one."""
    found = []
    for keyword, category in registry.KEYWORDS.items():
        if any(word in registry.load(category, name).model_fields for name in registry.names(category)):
            found.append(f"`{keyword}`")
    return found + [f"`{keyword}`" for keyword in ("train", "evaluate") if word in BLOCKS[keyword].model_fields]

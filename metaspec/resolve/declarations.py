"""From the blocks of a tree to drafts: copies of other blocks are made, imported ones are laid over."""

from __future__ import annotations

from dataclasses import replace

from metaspec.diagnostics import Diagnostic, Fix, error
from metaspec.diagnostics.suggest import suggest
from metaspec.resolve.bind import evaluate, slots_of, text_of, written_twice
from metaspec.resolve.draft import Draft, Part, overlay
from metaspec.resolve.origin import Origin, Setter
from metaspec.resolve.unit import NAMED, UNNAMED, WITHOUT_KIND, Unit
from metaspec.syntax import tree


def declare(block: tree.Block, unit: Unit, setter: Setter, found: list[Diagnostic]) -> None:
    """Adds a block of a file to what the file says; one that an import declared under this name is laid below it."""
    keyword = block.keyword.text
    if keyword not in NAMED + UNNAMED:
        return  # reported by the parser
    key = block.name.text if block.name and keyword in NAMED else keyword
    if keyword == "sweep":
        _sweep(block, key, unit, found)
        return
    earlier = unit.drafts.get(key)
    if key in UNNAMED and keyword in NAMED:
        found.append(
            error(
                "E0205",
                f"`{key}` is a word of the language and cannot name a {keyword}",
                block.name.span if block.name else None,
                help=["choose another name"],
            )
        )
        return
    if earlier and not earlier.imported:
        found.append(_twice(block, earlier))
        return
    draft = _draft(block, key, unit, setter, found)
    if draft is None:
        return
    if earlier and earlier.keyword == keyword and not _is_copy(block, unit):
        draft = overlay(earlier, draft)
    unit.drafts[key] = draft


def _twice(block: tree.Block, earlier: Draft) -> Diagnostic:
    span = block.name.span if block.name else block.keyword.span
    what = f"`{block.keyword.text}`" if not block.name else f"the name `{block.name.text}`"
    related = [(earlier.span, "first written here")]
    help = (
        [f"give each {block.keyword.text} a name of its own"]
        if block.keyword.text in NAMED
        else ["keep one of the two blocks"]
    )
    return error("E0205", f"{what} is written twice", span, label="again here", related=related, help=help)


def _sweep(block: tree.Block, key: str, unit: Unit, found: list[Diagnostic]) -> None:
    earlier = unit.sweeps.get(key)
    if earlier and earlier[1] is unit.scope:
        found.append(written_twice(f"sweep {key}", block.keyword.span, earlier[0].keyword.span))
        return
    unit.sweeps[key] = (block, unit.scope)


def _is_copy(block: tree.Block, unit: Unit) -> bool:
    return block.kind is not None and unit.find(block.kind.text) is not None


def _draft(block: tree.Block, key: str, unit: Unit, setter: Setter, found: list[Diagnostic]) -> Draft | None:
    keyword = block.keyword.text
    slots = slots_of((each for each in block.entries if isinstance(each, tree.Field)), unit.scope, setter, found)
    comparisons = tuple(
        replace(each, value=evaluate(each.value, unit.scope, found) or tree.Name(""))
        for each in block.entries
        if isinstance(each, tree.Comparison)
    )
    origin = (Origin(setter, _heading(block), block.kind.span if block.kind else block.span),)
    body = Part(block.kind, slots, origin, block.span)
    draft = Draft(keyword, key, body, block.name, comparisons, span=block.span)
    if block.kind is None:
        return draft
    copied = unit.find(block.kind.text)
    if copied is None and unit.could_not_read(block.kind.text):
        unit.unread[key] = keyword
        return None
    if copied is None:
        return draft if _kind_is_known(block, unit, found) else None
    if copied.keyword != keyword:
        related = [(copied.span, "declared here")]
        found.append(
            error(
                "E0210",
                f"`{block.kind.text}` is a {copied.keyword}, and a {keyword} is declared here",
                block.kind.span,
                related=related,
            )
        )
        return None
    copy = overlay(copied, replace(draft, body=replace(body, kind=None)))
    return replace(copy, key=key, name=block.name, imported=False, written=True)


def _heading(block: tree.Block) -> str:
    return text_of(block.kind) if block.kind else block.keyword.text


def _kind_is_known(block: tree.Block, unit: Unit, found: list[Diagnostic]) -> bool:
    """A kind that is no kind at all; whether it is one of the right category is decided with its fields."""
    kind, keyword = block.kind, block.keyword.text
    if kind is None:
        return True
    if keyword in WITHOUT_KIND:
        help = [f"write `{keyword} {{ ... }}`"]
        found.append(
            error(
                "E0202",
                f"`{keyword}` has no kinds and is not declared earlier under the name `{kind.text}`",
                kind.span,
                help=help,
            )
        )
        return False
    if len(kind.parts) == 1:
        return True
    near = suggest(kind.text, unit.names())
    known = kind.parts[0] in unit.aliases
    message = (
        f"`{kind.parts[0]}` has no block `{'.'.join(kind.parts[1:])}`"
        if known
        else (f"there is no import called `{kind.parts[0]}`")
    )
    fix = Fix(f"write `{near}`", ((kind.span, near),)) if near and kind.span else None
    found.append(error("E0204", message, kind.span, help=[f"did you mean `{near}`?"] if near else [], fix=fix))
    return False

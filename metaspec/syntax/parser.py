"""Text to tree. Never raises on a text that a user wrote."""

from __future__ import annotations

from dataclasses import dataclass

from lark import Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from metaspec.diagnostics.model import Diagnostic, Fix, error, warning
from metaspec.diagnostics.suggest import suggest
from metaspec.source import Source, Span
from metaspec.syntax import tokens, tree
from metaspec.syntax.build import MAX_DEPTH, Builder, TooDeep
from metaspec.syntax.draft import Draft
from metaspec.syntax.grammar import START_FILE, START_VALUE, grammar
from metaspec.syntax.mistakes import diagnose
from metaspec.syntax.scene import brackets_match
from metaspec.syntax.tokens import KEYWORDS, TokenKind

_MAX_REPAIRS = 20
"""Errors after which a stretch is given up."""


_OPENER = {"}": "{", "]": "[", ")": "("}


@dataclass(frozen=True, slots=True)
class Parsed:
    """A tree, and what was found wrong. With errors, the tree lacks the items that could not be read.

    `unread`: those items as far as they are known, as (keyword, name), so that nobody says that they are not there.
    """

    tree: tree.File
    diagnostics: tuple[Diagnostic, ...]
    unread: tuple[tuple[str, str], ...] = ()


def parse(source: Source) -> Parsed:
    """The tree of a file, and all independent syntax errors in it.

    The text is parsed whole. Only when that fails it is cut where a block begins at the left edge,
    and the pieces are parsed alone, so that each faulty block gives its own errors.
    """
    whole = Draft(source, 0, len(source.text))
    raw = _parse_raw(whole, START_FILE)
    unread: list[tuple[str, str]] = []
    if isinstance(raw, Tree):
        items, found, complete = _build(source, whole, raw)
        unread += [] if complete else _headings(source.text)
    else:
        items, found, complete = (), [], False
        for start, end in _stretches(source.text):
            some, problems, whole_stretch = _parse_stretch(source, start, end)
            items += some
            found += problems
            unread += [] if whole_stretch else _headings(source.text, start, end)
        if not any(each.is_error for each in found):
            found.append(raw)
    found += _check_language(source, items, complete=complete)
    found.sort(key=lambda each: each.span.start if each.span else 0)
    unread += _misspelt(items)
    return Parsed(tree.File(items, source), tuple(found), tuple(unread))


def parse_value(source: Source) -> tuple[tree.Value | None, tuple[Diagnostic, ...]]:
    """The value that a text holds, as on the right side of `-s path=value`; None after an error."""
    draft = Draft(source, 0, len(source.text))
    raw = _parse_raw(draft, START_VALUE)
    if isinstance(raw, Diagnostic):
        return None, (draft.in_source(raw),)
    builder = Builder(source, draft)
    try:
        value = builder.value(raw.children[0])
    except TooDeep as failure:
        return None, (_too_deep(failure),)
    return value, tuple(builder.diagnostics)


Outcome = tuple[tuple[tree.Item, ...], list[Diagnostic], bool]
"""Items, what is wrong with them or kept them from being read, and whether all could be read."""


def _parse_stretch(source: Source, start: int, end: int) -> Outcome:
    """Parse a stretch; after an error with a sure edit, make it and go on to find the next.

    Where a bracket is missing or too many, what follows cannot be judged: only the first error counts.
    """
    draft = Draft(source, start, end)
    may_go_on = brackets_match(draft.text)
    found: list[Diagnostic] = []
    while True:
        raw = _parse_raw(draft, START_FILE)
        if isinstance(raw, Tree):
            items, problems, complete = _build(source, draft, raw)
            return items, found + problems, complete
        failure = draft.in_source(raw)
        if any(each.span == failure.span for each in found):
            return (), found, False  # the edit did not help
        found.append(failure)
        if failure.fix is None or not may_go_on or len(found) >= _MAX_REPAIRS:
            return (), found, False
        draft.apply(failure.fix)


def _build(source: Source, draft: Draft, raw: Tree[Token]) -> Outcome:
    builder = Builder(source, draft)
    try:
        return builder.items(raw), builder.diagnostics, True
    except TooDeep as failure:
        return (), [_too_deep(failure)], False


def _parse_raw(draft: Draft, rule: str) -> Tree[Token] | Diagnostic:
    """The raw tree, or what is wrong, with places of the draft."""
    try:
        return grammar().parse(draft.text, start=rule)
    except UnexpectedToken as failure:
        at_end = failure.token.type == "$END"
        at = len(draft.text) if at_end else failure.token.start_pos or 0
        accepted = _accepted(failure)
    except UnexpectedCharacters as failure:
        at, accepted = failure.pos_in_stream, _accepted(failure)
    return diagnose(draft.as_source(), at, accepted, is_value=rule == START_VALUE)


def _accepted(failure: UnexpectedInput) -> frozenset[str]:
    """The terminals that could stand at the place of the failure."""
    parser = failure.interactive_parser
    return frozenset(parser.accepts()) if parser is not None else frozenset()


def _stretches(text: str) -> list[tuple[int, int]]:
    """The text cut where a keyword stands at the left edge, or another word outside of all brackets.

    A misspelt keyword inside brackets that were not closed counts too, after an empty line.
    """
    starts = [0]
    stack: list[str] = []
    last_end = 0
    for token in tokens.scan(text):
        if token.kind is TokenKind.OPEN:
            stack.append(token.text)
        elif token.kind is TokenKind.CLOSE:
            opener = _OPENER[token.text]
            # A closing bracket ends everything that was opened inside of its own pair.
            if opener in stack:
                while stack.pop() != opener:
                    pass
        elif token.kind is TokenKind.WORD and text[token.start - 1 : token.start] in ("", "\n"):
            empty_line = text.count("\n", last_end, token.start) > 1
            misspelt = empty_line and suggest(token.text, KEYWORDS) is not None
            if token.text in KEYWORDS or not stack or misspelt:
                starts.append(token.start)
                stack.clear()
        last_end = token.end
    starts = sorted(set(starts))
    return list(zip(starts, [*starts[1:], len(text)], strict=True))


def _headings(text: str, start: int = 0, end: int | None = None) -> list[tuple[str, str]]:
    """The keyword and the name ("" without one) of each item that a text seems to hold, whatever else is wrong."""
    found = []
    words = [token for token in tokens.scan(text, start, end) if token.kind is not TokenKind.COMMENT]
    for word, following in zip(words, [*words[1:], None], strict=True):
        if word.kind is TokenKind.WORD and word.text in KEYWORDS:
            named = following is not None and following.kind is TokenKind.WORD
            found.append((word.text, following.text if named else ""))
    return found


def _misspelt(items: tuple[tree.Item, ...]) -> list[tuple[str, str]]:
    """What blocks with an unknown word, which is reported, were probably meant as."""
    found = []
    for item in items:
        if isinstance(item, tree.Block) and item.keyword.text not in KEYWORDS:
            near = suggest(item.keyword.text, KEYWORDS)
            found += [(near, item.name.text if item.name else "")] if near else []
    return found


def _check_language(source: Source, items: tuple[tree.Item, ...], complete: bool) -> list[Diagnostic]:
    """`language N` stands first, and once."""
    found: list[Diagnostic] = []
    for index, item in enumerate(items):
        if isinstance(item, tree.Language) and index > 0:
            label = "this is not the first block of the file"
            found.append(error("E0116", "`language` stands first in a file, and once", item.span, label=label))
    if complete and not any(isinstance(item, tree.Language) for item in items):
        start = Span(source, 0, 0)
        fix = Fix("begin with `language 1`", ((start, "language 1\n\n"),))
        message = "the file does not say its version of the language; it is read as language 1"
        found.append(warning("W0101", message, start, fix=fix))
    return found


def _too_deep(failure: TooDeep) -> Diagnostic:
    span = failure.span
    place = Span(span.source, span.start, span.start + 1)
    return error("E0120", f"values are nested more than {MAX_DEPTH} deep", place)

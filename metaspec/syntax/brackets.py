"""Mistakes with brackets: rules of `metaspec.syntax.mistakes`, each the message for its case or None."""

from __future__ import annotations

from metaspec.diagnostics.model import Diagnostic, Fix, error
from metaspec.source import Span
from metaspec.syntax.scene import Scene
from metaspec.syntax.tokens import CLOSER, KEYWORDS, SIGNS, Token, TokenKind

_TAKE_NAMES = frozenset({"task", "cluster", "model", "sweep", "let"})  # the name of a block may stand after these


def missing_opener(scene: Scene) -> Diagnostic | None:
    """`train iterations = 10 }`: fields after the head of a block, and a closing brace too many."""
    if scene.is_value or scene.surplus_braces() <= 0:
        return None
    depth = 0
    for head, word, sign in zip(scene.tokens, scene.tokens[1:], scene.tokens[2:], strict=False):
        depth += (head.kind is TokenKind.OPEN) - (head.kind is TokenKind.CLOSE)
        if depth == 0 and head.text == "}":
            return None  # the block was opened, and is closed too early
        if depth or head.kind is not TokenKind.WORD or head.text in _TAKE_NAMES:
            continue
        if word.kind is TokenKind.WORD and word.text not in KEYWORDS and sign.kind in SIGNS:
            place = Span(scene.source, head.end, head.end)
            fix = Fix("write `{`", ((place, " {"),))
            message = f"`{{` is missing after `{head.text}`"
            return error("E0125", message, scene.span(word), label="before this", fix=fix)
    return None


def stray_closer(scene: Scene) -> Diagnostic | None:
    here = scene.here
    if here is None or here.kind is not TokenKind.CLOSE or scene.open:
        return None
    span = scene.span(here)
    fix = Fix(f"remove `{here.text}`", ((span, ""),))
    return error("E0114", f"`{here.text}` closes nothing", span, fix=fix)


def wrong_closer(scene: Scene) -> Diagnostic | None:
    """`[1, 2 }`: the innermost bracket is of another kind."""
    here = scene.here
    if here is None or here.kind is not TokenKind.CLOSE or CLOSER[scene.open[-1].text] == here.text:
        return None
    opened = scene.open[-1]
    return not_closed(scene, opened, scene.span(here), f"`{CLOSER[opened.text]}` is expected before this")


def unclosed(scene: Scene) -> Diagnostic | None:
    """The stretch ends inside brackets."""
    if scene.here is not None or not scene.open:
        return None
    blamed = _by_indentation(scene) or scene.open[-1]
    closer = CLOSER[blamed.text]
    if blamed is scene.open[-1]:
        return not_closed(scene, blamed, scene.after_last(), f"`{closer}` is expected here")
    # Where the closing bracket belongs is not certain, so no edit is offered.
    span = scene.span(blamed)
    return error("E0103", f"`{blamed.text}` is not closed", span, label=f"no `{closer}` for this one")


def not_closed(scene: Scene, opened: Token, at: Span, label: str) -> Diagnostic:
    closer = CLOSER[opened.text]
    place = scene.after_last()
    text = closer if opened.text != "{" else f" {closer}"
    if opened.text == "{" and "\n" in scene.source.text[opened.end : place.start]:
        line = scene.source.line(scene.span(opened).line)
        text = "\n" + line[: len(line) - len(line.lstrip())] + closer
    return error(
        "E0103",
        f"`{opened.text}` is not closed",
        at,
        label=label,
        related=((scene.span(opened), "opened here"),),
        fix=Fix(f"write `{closer}`", ((place, text),)),
    )


def _by_indentation(scene: Scene) -> Token | None:
    """The bracket that lost its closer to one further out, judged by the indentation of lines."""
    stack: list[Token] = []
    for token in scene.before:
        if token.kind is TokenKind.OPEN:
            stack.append(token)
        elif token.kind is TokenKind.CLOSE and stack:
            line = scene.source.line(scene.span(token).line)
            opening = scene.source.line(scene.span(stack[-1]).line)
            if line.lstrip().startswith(token.text) and _indent(line) < _indent(opening):
                return stack[-1]
            stack.pop()
    return None


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())

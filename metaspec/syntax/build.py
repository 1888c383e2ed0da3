"""From the parser's raw tree to the tree of `metaspec.syntax.tree`.

What the grammar lets through on purpose, to get a better message than "unexpected", is reported here:
unknown block words, entries in the wrong place, `True`, escapes, numbers out of size.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable

from lark import Token
from lark import Tree as RawTree

from metaspec.diagnostics.model import Diagnostic, Fix, error
from metaspec.diagnostics.suggest import suggest
from metaspec.source import Source, Span
from metaspec.syntax import tree
from metaspec.syntax.draft import Draft
from metaspec.syntax.tokens import KEYWORDS, TokenKind, scan

Raw = RawTree[Token] | Token

MAX_DEPTH = 100
"""Values nested deeper than this are refused, so that no later stage runs out of stack."""

_CAPITALISED = {"True": "true", "TRUE": "true", "False": "false", "FALSE": "false", "None": "none"}
_ESCAPES = {'"': '"', "\\": "\\", "n": "\n", "t": "\t"}
_NUMBER = re.compile(r"([0-9_]+(?:\.[0-9_]+)?(?:[eE][+-]?[0-9]+)?)(.*)", re.DOTALL)
SWEEP_WORDS = ("grid", "zip", "list", "when", "search")
_SWEEP_PARTS: dict[str, type[tree.Grid] | type[tree.Zip] | type[tree.Search]] = {
    "grid": tree.Grid,
    "zip": tree.Zip,
    "search": tree.Search,
}


class TooDeep(Exception):
    """Values are nested deeper than MAX_DEPTH; carries the place."""

    def __init__(self, span: Span) -> None:
        self.span = span
        super().__init__("nested too deep")


class Builder:
    """Builds the nodes of one draft and collects what it finds wrong."""

    def __init__(self, source: Source, draft: Draft) -> None:
        self._source = source
        self._draft = draft
        self._depth = 0
        self.diagnostics: list[Diagnostic] = []

    # --- places ------------------------------------------------------------------------------

    def _span(self, raw: Raw) -> Span:
        first, last = raw, raw
        while isinstance(first, RawTree):
            first = first.children[0]
        while isinstance(last, RawTree):
            last = last.children[-1]
        return self._draft.span(first.start_pos or 0, last.end_pos or 0)

    def _name(self, raw: Raw) -> tree.Name:
        """A word token, or a raw `path`, `block_word` or `name` around one."""
        span = self._span(raw)
        while isinstance(raw, RawTree):
            raw = raw.children[0]
        return tree.Name(str(raw), span=span)

    # --- items -------------------------------------------------------------------------------

    def items(self, raw: RawTree[Token]) -> tuple[tree.Item, ...]:
        return tuple(self._item(child) for child in raw.children if isinstance(child, RawTree))

    def _item(self, raw: RawTree[Token]) -> tree.Item:
        span = self._span(raw)
        children = raw.children
        match raw.data:
            case "language":
                return tree.Language(self._number(children[1]), span=span)
            case "import":
                alias = self._name(children[3]) if len(children) > 2 else None
                return tree.Import(self._string(children[1]), alias, span=span)
            case "import_python":
                return tree.Import(self._string(children[2]), None, python=True, span=span)
            case "let":
                return tree.Let(self._name(children[1]), self.value(children[3]), span=span)
        return self._block(raw, span)

    def _block(self, raw: RawTree[Token], span: Span) -> tree.Block:
        keyword = self._name(raw.children[0])
        if keyword.text not in KEYWORDS:
            self.diagnostics.append(unknown_block(keyword.text, self._span(raw.children[0])))
        name: tree.Name | None = None
        kind: tree.Name | None = None
        body: tuple[tree.Entry, ...] | None = None
        for child in raw.children[1:]:
            if isinstance(child, RawTree):
                body = self._entries(child, keyword.text)
            elif child.type == "EQUAL":
                continue
            elif name is None and child is raw.children[1]:
                name = self._name(child)
            else:
                kind = self._name(child)
        return tree.Block(keyword, name, kind, body, span=span)

    # --- entries -----------------------------------------------------------------------------

    def _entries(self, body: RawTree[Token], keyword: str) -> tuple[tree.Entry, ...]:
        """The entries of a block; those that stand in the wrong place are reported and left out."""
        entries = [self._entry(child) for child in body.children if isinstance(child, RawTree)]
        return tuple(entry for entry in entries if self._in_place(entry, keyword))

    def _fields(self, body: RawTree[Token]) -> tuple[tree.Field, ...]:
        """The entries of a kind, table or part of a sweep, where only fields may stand."""
        entries = [self._entry(child) for child in body.children if isinstance(child, RawTree)]
        return tuple(e for e in entries if self._in_place(e, "") and isinstance(e, tree.Field))

    def _entry(self, raw: RawTree[Token]) -> tree.Entry:
        span = self._span(raw)
        children = raw.children
        match raw.data:
            case "field":
                return tree.Field(self._name(children[0]), self.value(children[2]), span=span)
            case "comparison":
                return tree.Comparison(self._name(children[0]), str(children[1]), self.value(children[2]), span=span)
            case "list_of":
                choices = tuple(self._choice(child) for child in _trees(children[2:]))
                return tree.ListOf(self._name(children[1]), choices, span=span)
            case "when":
                fields = self._fields(_trees(children)[-1])
                return tree.When(self._name(children[1]), self._name(children[3]), fields, span=span)
        return _SWEEP_PARTS[raw.data](self._fields(_trees(children)[-1]), span=span)

    def _choice(self, raw: RawTree[Token]) -> tree.Constructor | tree.Name:
        if raw.data == "name":
            return self._name(raw)
        body = _trees(raw.children)[-1]
        return tree.Constructor(self._name(raw.children[0]), self._fields(body), span=self._span(raw))

    def _in_place(self, entry: tree.Entry, keyword: str) -> bool:
        assert entry.span is not None  # every node of this builder has one
        unknown = keyword != "" and keyword not in KEYWORDS
        match entry:
            case tree.Field():
                return True
            case tree.Comparison():
                if keyword == "expect" or unknown:
                    return True
                fix = None
                if entry.op == "==":
                    fix = Fix("write `=`", ((self._operator_span(entry), "="),))
                self.diagnostics.append(
                    error(
                        "E0115",
                        "a comparison stands only in `expect`",
                        self._operator_span(entry),
                        label="a field is given its value by `=`",
                        fix=fix,
                    )
                )
                return False
        if keyword == "sweep" or unknown:
            return True
        word = entry.span.text.split(maxsplit=1)[0].split("{")[0]
        place = Span(self._source, entry.span.start, entry.span.start + len(word))
        self.diagnostics.append(only_in_sweep(word, place))
        return False

    def _operator_span(self, entry: tree.Comparison) -> Span:
        assert entry.metric.span is not None and entry.value.span is not None
        between = scan(self._source.text, entry.metric.span.end, entry.value.span.start)
        operator = next(token for token in between if token.kind is TokenKind.COMPARE)
        return Span(self._source, operator.start, operator.end)

    # --- values ------------------------------------------------------------------------------

    def value(self, raw: Raw) -> tree.Value:
        """Raises TooDeep."""
        assert isinstance(raw, RawTree)
        span = self._span(raw)
        if self._depth >= MAX_DEPTH:
            raise TooDeep(span)
        self._depth += 1
        try:
            return _VALUES[raw.data](self, raw, span)
        finally:
            self._depth -= 1

    def _number_value(self, raw: RawTree[Token], span: Span) -> tree.Value:
        return self._number(raw.children[0])

    def _number(self, token: Raw) -> tree.Number:
        span, text = self._span(token), str(token)
        match = _NUMBER.fullmatch(text)
        assert match is not None  # the grammar's NUMBER has this form
        digits, unit = match.group(1).replace("_", ""), match.group(2) or None
        value: int | float = int(digits) if digits.isdecimal() and len(digits) <= 300 else float(digits)
        if math.isinf(value):
            self.diagnostics.append(error("E0107", "the number is too large", span))
            value = 0
        return tree.Number(text, value, unit, span=span)

    def _string_value(self, raw: RawTree[Token], span: Span) -> tree.Value:
        return self._string(raw.children[0])

    def _string(self, token: Raw) -> tree.String:
        span, text = self._span(token), str(token)[1:-1]
        if "\\" not in text:
            return tree.String(text, span=span)
        parts: list[str] = []
        at = 0
        while at < len(text):
            if text[at] != "\\":
                parts.append(text[at])
                at += 1
                continue
            escaped = text[at + 1]
            if escaped not in _ESCAPES:
                place = Span(self._source, span.start + 1 + at, span.start + 3 + at)
                self.diagnostics.append(
                    error(
                        "E0117",
                        f"`\\{escaped}` has no meaning in a text",
                        place,
                        help=("write `/` between folders, or `\\\\` for a backslash",),
                    )
                )
            parts.append(_ESCAPES.get(escaped, escaped))
            at += 2
        return tree.String("".join(parts), span=span)

    def _boolean(self, raw: RawTree[Token], span: Span) -> tree.Value:
        return tree.Boolean(str(raw.children[0]) == "true", span=span)

    def _name_value(self, raw: RawTree[Token], span: Span) -> tree.Value:
        name = self._name(raw)
        right = _CAPITALISED.get(name.text)
        if right is None:
            return name
        self.diagnostics.append(
            error(
                "E0112",
                f"`{name.text}` is written `{right}`",
                span,
                fix=Fix(f"write `{right}`", ((span, right),)),
            )
        )
        return tree.Name("none", span=span) if right == "none" else tree.Boolean(right == "true", span=span)

    def _list(self, raw: RawTree[Token], span: Span) -> tree.Value:
        return tree.ListValue(tuple(self.value(child) for child in _trees(raw.children)), span=span)

    def _range(self, raw: RawTree[Token], span: Span) -> tree.Value:
        return tree.Range(self.value(raw.children[0]), self.value(raw.children[2]), span=span)

    def _arithmetic(self, raw: RawTree[Token], span: Span) -> tree.Value:
        left, operator, right = raw.children
        return tree.Arithmetic(str(operator), self.value(left), self.value(right), span=span)

    def _negative(self, raw: RawTree[Token], span: Span) -> tree.Value:
        return tree.Negative(self.value(raw.children[1]), span=span)

    def _group(self, raw: RawTree[Token], span: Span) -> tree.Value:
        """Brackets only group: they leave no node of their own."""
        return self.value(raw.children[1])

    def _call(self, raw: RawTree[Token], span: Span) -> tree.Value:
        args: list[tree.Value] = []
        named: list[tree.Field] = []
        for child in _trees(raw.children):
            if child.data == "argument":
                name, value = self._name(child.children[0]), self.value(child.children[2])
                named.append(tree.Field(name, value, span=self._span(child)))
            else:
                args.append(self.value(child))
        return tree.Call(self._name(raw.children[0]), tuple(args), tuple(named), span=span)

    def _constructor(self, raw: RawTree[Token], span: Span) -> tree.Value:
        body = _trees(raw.children)[-1]
        return tree.Constructor(self._name(raw.children[0]), self._fields(body), span=span)

    def _table(self, raw: RawTree[Token], span: Span) -> tree.Value:
        return tree.Table(self._fields(_trees(raw.children)[0]), span=span)


_VALUES: dict[str, Callable[[Builder, RawTree[Token], Span], tree.Value]] = {
    "number": Builder._number_value,
    "string": Builder._string_value,
    "boolean": Builder._boolean,
    "name": Builder._name_value,
    "list": Builder._list,
    "range": Builder._range,
    "add": Builder._arithmetic,
    "multiply": Builder._arithmetic,
    "negative": Builder._negative,
    "group": Builder._group,
    "call": Builder._call,
    "constructor": Builder._constructor,
    "table": Builder._table,
}


def _trees(children: Iterable[Raw]) -> list[RawTree[Token]]:
    return [child for child in children if isinstance(child, RawTree)]


def only_in_sweep(word: str, span: Span) -> Diagnostic:
    help = (f"move it into a block: `sweep {{ {word} .. }}`",)
    return error("E0115", f"`{word}` stands only in `sweep`", span, help=help)


def unknown_block(word: str, span: Span) -> Diagnostic:
    """What to say about a word that begins no block."""
    if word in SWEEP_WORDS:
        return only_in_sweep(word, span)
    near = suggest(word, KEYWORDS)
    if near is not None:
        return error(
            "E0201",
            f"there is no block `{word}`",
            span,
            label=f"did you mean `{near}`?",
            fix=Fix(f"write `{near}`", ((span, near),)),
        )
    return error(
        "E0201",
        f"there is no block `{word}`",
        span,
        help=(f"a block begins with one of: {', '.join(KEYWORDS)}",),
    )

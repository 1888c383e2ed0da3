"""What a diagnostic looks like on a terminal and as data, and how its edits are applied."""

import json
import re

from metaspec.diagnostics import Fix, SpecError, error, note, warning
from metaspec.diagnostics.render import apply_fixes, render, render_all, to_json
from metaspec.source import Source, Span

SOURCE = Source("a.meta", "language 1\nouter = adam { rl = 1e-3 }\n")
FIELD = Span(SOURCE, 26, 28)


def test_everything_at_its_place() -> None:
    shown = render(
        error(
            "E0203",
            "`adam` has no field `rl`",
            FIELD,
            label="did you mean `lr`?",
            related=[(Span(SOURCE, 19, 23), "this kind")],
            help=["see `metaspec explain adam`"],
            fix=Fix("write `lr`", ((FIELD, "lr"),)),
        )
    )
    assert shown == "\n".join(
        [
            "error[E0203]: `adam` has no field `rl`",
            " --> a.meta:2:16",
            "  |",
            "2 | outer = adam { rl = 1e-3 }",
            "  |                ^^ did you mean `lr`?",
            " ::: a.meta:2:9",
            "  |",
            "2 | outer = adam { rl = 1e-3 }",
            "  |         ---- this kind",
            "  = help: see `metaspec explain adam`",
            "  = help: write `lr` (`metaspec check --fix` does it)",
        ]
    )


def test_without_a_place() -> None:
    assert render(note("N0101", "something was decided")) == "note[N0101]: something was decided"


def test_colour_adds_only_colour() -> None:
    diagnostic = error("E0203", "no such field", FIELD, label="here", help=["look"])
    coloured = render(diagnostic, color=True)
    assert "\x1b[" in coloured and "\x1b[" not in render(diagnostic)
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == render(diagnostic)


def _marks(line: str, start: int, end: int) -> tuple[str, str]:
    source = Source("a.meta", line)
    lines = render(error("E0203", "x", Span(source, start, end))).splitlines()
    return lines[3].removeprefix("1 | "), lines[4].removeprefix("  | ")


def test_marks_under_tabs_and_wide_characters() -> None:
    assert _marks("\tab", 1, 3) == ("    ab", "    ^^")
    assert _marks('"日本" x', 5, 6) == ('"日本" x', "       ^")
    assert _marks('"日本"', 1, 3) == ('"日本"', " ^^^^")
    assert _marks("e\u0301x", 2, 3) == ("e\u0301x", " ^")


def test_marks_at_the_end_and_over_several_lines() -> None:
    assert _marks("ab", 2, 2) == ("ab", "  ^")
    assert _marks("", 0, 0) == ("1 |", "^")  # no space stands at the end of a line
    source = Source("a.meta", "ab {\n}\nc")
    assert render(error("E0203", "x", Span(source, 3, 6))).splitlines()[-1] == "  |    ^"


def test_control_characters_do_not_reach_the_terminal() -> None:
    source = Source("a.meta", "x \x1b[2J y")
    assert "\x1b" not in render(error("E0101", "bad \x1b", Span(source, 0, 1), label="\x07", help=["\x1b]0;"]))


def test_all_are_counted() -> None:
    shown = render_all([error("E0101", "a"), error("E0101", "b"), warning("W0101", "c"), note("N0101", "d")])
    assert shown.endswith("\n\n2 errors, 1 warning")
    assert render_all([]) == ""


def test_json() -> None:
    diagnostic = error("E0203", "no", FIELD, label="l", fix=Fix("write `lr`", ((FIELD, "lr"),)))
    data = json.loads(json.dumps(to_json(diagnostic)))
    place = {
        "file": "a.meta",
        "line": 2,
        "column": 16,
        "end_line": 2,
        "end_column": 18,
        "start": 26,
        "end": 28,
    }
    assert data == {
        "code": "E0203",
        "severity": "error",
        "message": "no",
        "place": place,
        "label": "l",
        "related": [],
        "help": [],
        "fix": {"title": "write `lr`", "edits": [{"place": place, "text": "lr"}]},
    }
    assert to_json(error("E0203", "no"))["place"] is None


def test_fixes_are_whole_or_not_at_all() -> None:
    source = Source("a.meta", "abc def")
    other = Source("b.meta", "abc def")

    def fixed(*edits: tuple[Span, str]) -> object:
        return error("E0101", "x", fix=Fix("x", edits))

    first = fixed((Span(source, 0, 3), "X"), (Span(source, 7, 7), "!"))
    overlapping = fixed((Span(source, 2, 5), "Y"), (Span(source, 6, 7), "Z"))
    foreign = fixed((Span(other, 4, 7), "W"))
    last = fixed((Span(source, 4, 5), "D"))
    assert apply_fixes(source, [first, overlapping, foreign, last, error("E0101", "none")]) == "X Def!"


def test_a_spec_error_reads_as_its_messages() -> None:
    failure = SpecError([error("E0203", "no such field", FIELD), warning("W0101", "hm")])
    assert str(failure) == "a.meta:2:16: error[E0203]: no such field\nwarning[W0101]: hm"
    assert len(failure.diagnostics) == 2


def test_the_text_of_an_exception_has_the_ways_out() -> None:
    fixed = error("E0301", "no list", FIELD, fix=Fix("write `[40]`", ((FIELD, "[40]"),)))
    text = str(SpecError([error("E0203", "no such field", FIELD, help=["did you mean `lr`?"]), fixed]))
    assert "no such field\n  help: did you mean `lr`?\n" in text and text.endswith("no list\n  help: write `[40]`")

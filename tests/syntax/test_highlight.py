"""Colours: every token has a class, and the text itself stays."""

import html
import re
from pathlib import Path

import pytest

from metaspec.syntax.highlight import TokenClass, highlight, to_html, to_terminal

SPECS = sorted((Path(__file__).parents[2] / "specs").glob("*.meta"))


def classes(text: str) -> dict[str, TokenClass]:
    return {text[piece.start : piece.end]: piece.kind for piece in highlight(text)}


def test_classes() -> None:
    found = classes(
        'language 1 # c\nimport "x" as base\ninner = sgd { lr = learned(0.1), seq = logspace(1), a = true, '
        "b = { x = other } }\nexpect { accuracy >= 1 }\nsweep s { list metagrad { pes { } } }"
    )
    assert found["language"] is found["import"] is found["as"] is TokenClass.KEYWORD
    assert found["inner"] is found["sweep"] is found["list"] is found["metagrad"] is TokenClass.KEYWORD
    assert found["sgd"] is found["pes"] is TokenClass.KIND
    assert found["lr"] is found["accuracy"] is found["x"] is TokenClass.FIELD
    assert found["learned"] is TokenClass.LEARNED
    assert found["logspace"] is TokenClass.FUNCTION
    assert found["true"] is TokenClass.CONSTANT
    assert found["other"] is found["base"] is found["s"] is TokenClass.NAME
    assert found["# c"] is TokenClass.COMMENT
    assert found['"x"'] is TokenClass.STRING
    assert found["0.1"] is TokenClass.NUMBER


def test_faults_are_marked() -> None:
    assert classes("let a = .5 // x")[".5"] is TokenClass.FAULT


@pytest.mark.parametrize("text", [*(path.read_text() for path in SPECS), "} { ) \x00 '<&>' .5 \"", ""])
def test_the_text_stays(text: str) -> None:
    assert re.sub(r"\x1b\[[0-9;]*m", "", to_terminal(text)) == text
    assert html.unescape(re.sub(r"</?span[^>]*>", "", to_html(text))) == text
    assert "<script" not in to_html('let a = "<script>"')


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_specs_have_no_faults(path: Path) -> None:
    assert TokenClass.FAULT not in {piece.kind for piece in highlight(path.read_text())}

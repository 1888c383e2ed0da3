"""`fmt`: the design specs are its fixed points, and no layout loses a comment or a meaning."""

import random
from pathlib import Path

import pytest

from metaspec.diagnostics import SpecError
from metaspec.source import Source
from metaspec.syntax.formatter import WIDTH, format_text
from metaspec.syntax.parser import parse
from metaspec.syntax.tokens import TokenKind, scan

SPECS = sorted((Path(__file__).parents[2] / "specs").glob("*.meta"))


def formatted(text: str) -> str:
    return format_text(Source("a.meta", text))


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_specs_are_fixed_points(path: Path) -> None:
    assert formatted(path.read_text()) == path.read_text()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", ""),
        ("\n\n# only a comment  \n\n\n", "# only a comment\n"),
        ("let   a=1 let b  =2", "let a = 1\nlet b = 2\n"),
        ("outer=adam{lr=1e-3,clip=10,}", "outer = adam { lr = 1e-3, clip = 10 }\n"),
        ("outer = adam {\n}\n", "outer = adam {}\n"),
        ("outer = adam {\nlr=1e-3, clip=10\n}", "outer = adam {\n  lr   = 1e-3\n  clip = 10\n}\n"),
        (
            "metagrad=unroll\nouter=adam{}\ntrain{tasks=4}",
            "metagrad = unroll\nouter    = adam {}\ntrain    { tasks = 4 }\n",
        ),
        ("task quadratic = x\ninner = y\n", "task quadratic = x\ninner = y\n"),  # heads differ by nine
        ("let a = 2*pi/3-1/3+-n", "let a = 2 * pi / 3 - 1/3 + -n\n"),
        ("let a = ( 1+2 )*3\nlet b = f ( 0 , x = - 1 )", "let a = (1 + 2) * 3\nlet b = f(0, x = -1)\n"),
        ("let a = 0 .. 4", "let a = 0..4\n"),
        ("let a = [ 1,2 ,3, ]", "let a = [1, 2, 3]\n"),
        ("let a = [\n1, 2,\n3, 4 # c\n]", "let a = [\n  1, 2,\n  3, 4  # c\n]\n"),
        ("let a = 1 + # why\n 2", "# why\nlet a = 1 + 2\n"),
        (
            "inner = sgd { # open\n# own\nlr = 1 # one\n\n\n\nsteps = 2 # two\n# last\n} # end",
            "inner = sgd {  # open\n  # own\n  lr = 1  # one\n\n  steps = 2  # two\n  # last\n}  # end\n",
        ),
        (
            "train {\n  a = 1     # x\n  long = 2  # y\n}",
            "train {\n  a    = 1  # x\n  long = 2  # y\n}\n",
        ),
        ("let a = 1\r\nlet b = 2\r\n", "let a = 1\nlet b = 2\n"),
        (
            "expect { accuracy>=0.9\nquery_loss<1 }",
            "expect {\n  accuracy   >= 0.9\n  query_loss < 1\n}\n",
        ),
    ],
)
def test_look(before: str, after: str) -> None:
    assert formatted(before) == after
    assert formatted(after) == after


def test_a_block_too_wide_for_one_line_is_broken() -> None:
    fields = ", ".join(f"field_{i} = {i}" for i in range(12))
    text = formatted(f"train {{ a = kind {{ {fields} }}, b = 1 }}\n")
    assert text.startswith("train {\n  a = kind {\n    field_0  = 0\n")
    assert max(map(len, text.splitlines())) <= WIDTH
    assert formatted(text) == text


def test_a_faulty_text_is_left_alone() -> None:
    with pytest.raises(SpecError) as caught:
        formatted("outer = adam {")
    assert [each.code for each in caught.value.diagnostics] == ["E0103"]


def test_numbers_keep_their_spelling() -> None:
    text = "let a = [20_000, 2e4, 2.0e+04, 20000, 007, 30s, 90%]\n"
    assert formatted(text) == text


def _comments(text: str) -> list[str]:
    return sorted(token.text.rstrip() for token in scan(text) if token.kind is TokenKind.COMMENT)


def _shuffled_layout(text: str, random_source: random.Random) -> str:
    """The same tokens with other white space, new comments anywhere, and other commas."""
    spaces = [
        " ",
        "  ",
        "\n",
        "\n\n",
        "\n\n\n  ",
        "\t",
        " # note {}\n",
        "\n# own {} = [\n",
        "\n  # a\n\n# b {}\n",
    ]
    weights = [30, 5, 10, 3, 1, 2, 3, 2, 1]
    parts = []
    for number, token in enumerate(scan(text)):
        parts.append(token.text)
        if token.kind is TokenKind.COMMENT:
            parts.append("\n")
        parts.append(random_source.choices(spaces, weights)[0].format(number))
    return "".join(parts)


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_any_layout(path: Path) -> None:
    """Comments stay, the meaning stays, and a second formatting changes nothing."""
    random_source = random.Random(path.stem)
    original = path.read_text()
    meaning = parse(Source("original", original)).tree
    for _ in range(25):
        text = _shuffled_layout(original, random_source)
        once = formatted(text)
        assert _comments(once) == _comments(text)
        assert parse(Source("once", once)).tree == meaning
        assert formatted(once) == once
        assert all(line == line.rstrip() for line in once.splitlines())
        assert "\n\n\n" not in once

"""A tree as text: reading it back gives an equal tree."""

import random
from pathlib import Path

import pytest

from metaspec.source import Source
from metaspec.syntax import tree
from metaspec.syntax.formatter import format_text
from metaspec.syntax.literals import number
from metaspec.syntax.parser import parse, parse_value
from metaspec.syntax.printer import WIDTH, print_tree, print_value
from metaspec.syntax.tree import Name

SPECS = sorted((Path(__file__).parents[2] / "specs").glob("*.meta"))


def read_back(text: str) -> tree.File:
    parsed = parse(Source("printed", text))
    assert parsed.diagnostics == ()
    return parsed.tree


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_specs_read_back_equal(path: Path) -> None:
    file = parse(Source.read(path)).tree
    text = print_tree(file)
    assert read_back(text) == file
    assert format_text(Source("printed", text)) == text


def _value(random_source: random.Random, depth: int) -> tree.Value:
    def inner() -> tree.Value:
        return _value(random_source, depth - 1)

    def fields() -> tuple[tree.Field, ...]:
        names = random_source.sample(["a", "inner", "train.seed", "as", "x_1"], random_source.randrange(4))
        return tuple(tree.Field(Name(name), inner()) for name in names)

    leaves = [
        lambda: tree.Number("20_000", 20_000),
        lambda: tree.Number("1.5GiB", 1.5, "GiB"),
        lambda: tree.String('a "quoted"\\ \n\t é # text'),
        lambda: tree.Boolean(random_source.random() < 0.5),
        lambda: Name(random_source.choice(["pi", "base.net"])),
    ]
    branches = [
        lambda: tree.ListValue((inner(), inner())),
        lambda: tree.Range(inner(), inner()),
        lambda: tree.Arithmetic(random_source.choice("+-*/"), inner(), inner()),
        lambda: tree.Negative(inner()),
        lambda: tree.Call(Name("f"), (inner(),), (tree.Field(Name("per"), inner()),)),
        lambda: tree.Constructor(Name("kind"), fields()),
        lambda: tree.Table(fields()),
    ]
    return random_source.choice(branches if depth and random_source.random() < 0.8 else leaves)()


def test_random_values_read_back_equal() -> None:
    random_source = random.Random(3)
    for _ in range(300):
        value = _value(random_source, 4)
        assert parse_value(Source("printed", print_value(value))) == (value, ())


def test_random_blocks_read_back_equal_and_narrow() -> None:
    random_source = random.Random(4)
    for _ in range(100):
        fields = tuple(tree.Field(Name(f"f{i}"), _value(random_source, 3)) for i in range(4))
        file = tree.File(
            (
                tree.Language(tree.Number("1", 1)),
                tree.Block(Name("task"), Name("a"), Name("kind"), fields),
                tree.Block(Name("sweep"), None, None, (tree.Grid(fields), tree.When(Name("a"), Name("b"), fields))),
            )
        )
        text = print_tree(file)
        assert read_back(text) == file
        assert format_text(Source("printed", text)) == text


def test_a_long_block_takes_several_lines() -> None:
    fields = tuple(tree.Field(Name(f"field_{i}"), number(i)) for i in range(20))
    text = print_tree(tree.File((tree.Block(Name("train"), None, None, fields),)))
    assert text.startswith("train {\n  field_0  = 0\n")
    assert max(map(len, text.splitlines())) <= WIDTH


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (5000, "5_000"),
        (-2, "-2"),
        (0.001, "0.001"),
        (1e-4, "1e-4"),
        (1e-7, "1e-7"),
        (2.5e-5, "2.5e-5"),
        (1.0, "1.0"),
        (1e6, "1e6"),
    ],
)
def test_spelling_of_numbers(value: float, text: str) -> None:
    assert print_value(number(value)) == text


def test_numbers_read_back_equal() -> None:
    random_source = random.Random(6)
    for _ in range(500):
        value = random_source.choice([1.0, -1.0]) * 10 ** random_source.uniform(-300, 300)
        node, diagnostics = parse_value(Source("number", print_value(number(value))))
        assert diagnostics == ()
        assert node == number(value)
    for value in (float("inf"), float("nan")):
        with pytest.raises(ValueError, match="cannot be written"):
            number(value)

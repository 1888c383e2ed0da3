"""Text to tree: the design specs, every form of the language, and speed."""

import gc
import random
import time
from pathlib import Path

import pytest

from metaspec.source import Source
from metaspec.syntax import tree
from metaspec.syntax.parser import parse, parse_value
from metaspec.syntax.tree import (
    Arithmetic,
    Boolean,
    Call,
    Comparison,
    Constructor,
    Field,
    ListValue,
    Name,
    Negative,
    Number,
    Range,
    String,
    Table,
)

SPECS = sorted((Path(__file__).parents[2] / "specs").glob("*.meta"))


def one_value(text: str) -> tree.Value | None:
    value, diagnostics = parse_value(Source("-s", text))
    assert diagnostics == ()
    return value


def one_item(text: str) -> tree.Item:
    parsed = parse(Source("a.meta", f"language 1\n{text}\n"))
    assert parsed.diagnostics == ()
    (_, item) = parsed.tree.items
    return item


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_specs_parse(path: Path) -> None:
    parsed = parse(Source.read(path))
    assert parsed.diagnostics == ()
    assert isinstance(parsed.tree.items[0], tree.Language)
    for item in parsed.tree.items:
        assert item.span is not None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("20_000", Number("20_000", 20000)),
        ("3e-4", Number("3e-4", 0.0003)),
        ("0.5", Number("0.5", 0.5)),
        ("30s", Number("30s", 30, "s")),
        ("1.5GiB", Number("1.5GiB", 1.5, "GiB")),
        ("90%", Number("90%", 90, "%")),
        ("-1", Negative(Number("1", 1))),
        ('"a \\"b\\" \\\\ #1"', String('a "b" \\ #1')),
        ("true", Boolean(True)),
        ("base.net", Name("base.net")),
        ("[]", ListValue(())),
        ("[0, 90,]", ListValue((Number("0", 0), Number("90", 90)))),
        ("0..4", Range(Number("0", 0), Number("4", 4))),
        ("-1..n", Range(Negative(Number("1", 1)), Name("n"))),
        ("2 * pi", Arithmetic("*", Number("2", 2), Name("pi"))),
        (
            "1 - 2 - 3 * 4",
            Arithmetic(
                "-",
                Arithmetic("-", Number("1", 1), Number("2", 2)),
                Arithmetic("*", Number("3", 3), Number("4", 4)),
            ),
        ),
        (
            "(1 + 2) / 3",
            Arithmetic("/", Arithmetic("+", Number("1", 1), Number("2", 2)), Number("3", 3)),
        ),
        ("uniform(0, pi)", Call(Name("uniform"), (Number("0", 0), Name("pi")))),
        (
            "learned(0.1, per = layer, outer = adam {})",
            Call(
                Name("learned"),
                (Number("0.1", 0.1),),
                (Field(Name("per"), Name("layer")), Field(Name("outer"), Constructor(Name("adam")))),
            ),
        ),
        (
            "learned(examples { per_class = 1 })",
            Call(
                Name("learned"),
                (Constructor(Name("examples"), (Field(Name("per_class"), Number("1", 1)),)),),
            ),
        ),
        (
            "{ head = 0, rest = learned(0.1) }",
            Table(
                (
                    Field(Name("head"), Number("0", 0)),
                    Field(Name("rest"), Call(Name("learned"), (Number("0.1", 0.1),))),
                )
            ),
        ),
        (
            "es { window = 20 scale = log }",
            Constructor(Name("es"), (Field(Name("window"), Number("20", 20)), Field(Name("scale"), Name("log")))),
        ),
    ],
)
def test_values(text: str, value: tree.Value) -> None:
    assert one_value(text) == value


def test_a_number_keeps_whether_it_is_whole() -> None:
    whole, point = one_value("2"), one_value("2.0")
    assert isinstance(whole, Number) and isinstance(whole.value, int)
    assert isinstance(point, Number) and isinstance(point.value, float)


@pytest.mark.parametrize(
    ("text", "item"),
    [
        ('import "x.meta" as base', tree.Import(String("x.meta"), Name("base"))),
        ('import python "my_tasks.py"', tree.Import(String("my_tasks.py"), None, True)),
        ("let n = 2 * 3", tree.Let(Name("n"), Arithmetic("*", Number("2", 2), Number("3", 3)))),
        ("metagrad = unroll", tree.Block(Name("metagrad"), None, Name("unroll"))),
        ("model net = base.net {}", tree.Block(Name("model"), Name("net"), Name("base.net"), ())),
        (
            'expect { accuracy >= 0.95 source = "x" }',
            tree.Block(
                Name("expect"),
                body=(
                    Comparison(Name("accuracy"), ">=", Number("0.95", 0.95)),
                    Field(Name("source"), String("x")),
                ),
            ),
        ),
        (
            "sweep s { zip { a.b = [1] } when inner is sgd { inner.lr = 1 } search { trials = 4 } list net { mlp } }",
            tree.Block(
                Name("sweep"),
                Name("s"),
                body=(
                    tree.Zip((Field(Name("a.b"), ListValue((Number("1", 1),))),)),
                    tree.When(Name("inner"), Name("sgd"), (Field(Name("inner.lr"), Number("1", 1)),)),
                    tree.Search((Field(Name("trials"), Number("4", 4)),)),
                    tree.ListOf(Name("net"), (Name("mlp"),)),
                ),
            ),
        ),
    ],
)
def test_items(text: str, item: tree.Item) -> None:
    assert one_item(text) == item


def test_white_space_has_no_meaning() -> None:
    text = SPECS[0].read_text()
    lines = [line.split("#")[0] for line in text.splitlines()]
    assert parse(Source("one line", " ".join(lines))).tree == parse(Source("as written", text)).tree


def test_spans_mark_what_was_written() -> None:
    item = one_item("train {\n  a = (1 + 2) * 3  # end\n  b = f(1) }")
    assert isinstance(item, tree.Block)
    first, second = item.entries
    assert isinstance(first, Field) and first.span and first.path.span and first.value.span
    assert first.span.text == "a = (1 + 2) * 3"
    assert (first.path.span.line, first.path.span.column) == (3, 3)
    assert first.value.span.text == "(1 + 2) * 3"
    assert second.span and second.span.text == "b = f(1)"


def test_errors_in_a_value() -> None:
    for text in ("", "=", "1 +", "adam {", "a b", "[1", "1, 2", '"'):
        value, diagnostics = parse_value(Source("-s", text))
        assert value is None
        assert len(diagnostics) == 1


def test_no_text_raises() -> None:
    """Pieces of specs in random order, and depth beyond every stack."""
    random_source = random.Random(11)
    pieces = [piece for path in SPECS for piece in path.read_text().replace("{", " { ").split(" ")]
    pieces += ["}", "(", ")", "[", "]", ",", "..", '"', "'", "é", "\x00", "1e400", "9" * 5000, "\n"]
    for _ in range(150):
        text = " ".join(random_source.choices(pieces, k=random_source.randrange(1, 25)))
        parse(Source("random", text))
        parse_value(Source("random", text))
    for deep in ("[" * 5000, "a = " * 3000, "-" * 5000 + "1", "1+" * 5000 + "1", "f(" * 2000 + ")" * 2000):
        value, diagnostics = parse_value(Source("deep", deep))
        assert value is None and len(diagnostics) == 1


def test_two_hundred_lines_take_hundredths_of_a_second() -> None:
    """Ten times what was measured on a slow machine; a change to Earley would take more."""
    text = "language 1\n" + "".join(
        f"task t{i} = fewshot {{ data = glyphs {{}}, ways = 5, shots = 1, queries = {i} }}\n" for i in range(200)
    )
    parse(Source("warm", text))
    gc.disable()  # beside TensorFlow, which another test of the process may have loaded, one collection takes 0.2 s
    try:
        start = time.process_time()
        assert len(parse(Source("long", text)).tree.items) == 201
        assert time.process_time() - start < 0.3
    finally:
        gc.enable()

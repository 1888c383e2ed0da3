"""Lines, columns and spans of a text."""

from pathlib import Path

from metaspec.source import Source, Span


def test_positions() -> None:
    source = Source("a.meta", "ab\n\ncd")
    assert [source.position(offset) for offset in range(7)] == [
        (1, 1),
        (1, 2),
        (1, 3),
        (2, 1),
        (3, 1),
        (3, 2),
        (3, 3),
    ]
    assert [source.line(number) for number in (1, 2, 3)] == ["ab", "", "cd"]
    assert all(source.offset(*source.position(offset)) == offset for offset in range(7))
    assert source.offset(1, 99) == 2 and source.offset(99, 1) == 4


def test_spans() -> None:
    source = Source("a.meta", "ab\ncd\n")
    span = Span(source, 3, 5)
    assert (span.text, span.line, span.column, span.end_position, span.where) == (
        "cd",
        2,
        1,
        (2, 3),
        "a.meta:2:1",
    )
    assert Span(source, 0, 1).to(span).text == "ab\ncd"
    assert Span.whole(source).text == source.text
    assert len({span, Span(source, 3, 5), Span(Source("a.meta", "ab\ncd\n"), 3, 5)}) == 2


def test_reading_drops_the_byte_order_mark_and_carriage_returns(tmp_path: Path) -> None:
    path = tmp_path / "a.meta"
    path.write_bytes(b"\xef\xbb\xbflet a = 1\r\nlet b = 2\r\n")
    assert Source.read(path).text == "let a = 1\nlet b = 2\n"

"""The grammar itself: no collisions, and agreement with the scanner."""

import random
from pathlib import Path

import pytest
from lark import Lark

from metaspec.source import Source
from metaspec.syntax import tree
from metaspec.syntax.build import SWEEP_WORDS
from metaspec.syntax.grammar import START_FILE, START_VALUE, grammar, grammar_text
from metaspec.syntax.parser import parse
from metaspec.syntax.tokens import FAULTY, KEYWORDS, TokenKind, scan

SPECS = sorted((Path(__file__).parents[2] / "specs").glob("*.meta"))


def test_nothing_collides() -> None:
    pytest.importorskip("interegular", reason="the strict check of collisions needs interegular")
    Lark(grammar_text(), parser="lalr", lexer="contextual", start=[START_FILE, START_VALUE], strict=True)


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_the_scanner_cuts_where_the_lexer_cuts(path: Path) -> None:
    text = path.read_text()
    lexed = [(token.start_pos, token.end_pos) for token in grammar().parse(text, START_FILE).scan_values(bool)]
    scanned = [token for token in scan(text) if token.kind is not TokenKind.COMMENT]
    assert [(token.start, token.end) for token in scanned] == lexed
    assert not FAULTY & {token.kind for token in scanned}


def test_every_keyword_begins_an_item() -> None:
    starts = grammar().parse_interactive("", start=START_FILE).accepts()
    words = {grammar().get_terminal(name).pattern.value for name in starts - {"NAME", "$END"}}
    assert words == set(KEYWORDS)


@pytest.mark.parametrize("word", [*KEYWORDS, *SWEEP_WORDS, "as", "is", "python"])
def test_a_keyword_can_name_a_field_and_be_a_value(word: str) -> None:
    text = f"language 1\ntrain {{ a = 1 {word} = {word}, b = f(1, {word} = 2) }}\n"
    if word in ("as", "python"):
        text = text.replace(f"1 {word} =", "1 other =")
    parsed = parse(Source("a.meta", text))
    assert parsed.diagnostics == ()
    block = parsed.tree.items[1]
    assert isinstance(block, tree.Block)
    _, field, call = block.entries
    assert isinstance(field, tree.Field) and field.value == tree.Name(word)
    assert isinstance(call, tree.Field) and isinstance(call.value, tree.Call)
    assert call.value.named[0].path == tree.Name(word)


def test_the_scanner_takes_any_text() -> None:
    random_source = random.Random(5)
    characters = "ab1_.09 \n\t#\"'\\{}[]()=<>,:;+-*/%^@é日\x00"
    for _ in range(300):
        text = "".join(random_source.choices(characters, k=random_source.randrange(40)))
        at = 0
        for token in scan(text):
            assert text[at : token.start].strip() == ""
            assert text[token.start : token.end] == token.text != ""
            at = token.end
        assert text[at:].strip() == ""


def test_the_kept_tables_serve_and_damage_is_mended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    text = SPECS[0].read_text()
    fresh = grammar.__wrapped__().parse(text, START_FILE)
    kept = tmp_path / "metaspec" / "grammar.lark"
    size = kept.stat().st_size
    assert grammar.__wrapped__().parse(text, START_FILE) == fresh
    kept.write_bytes(kept.read_bytes()[: size // 2])
    assert grammar.__wrapped__().parse(text, START_FILE) == fresh
    assert kept.stat().st_size > size * 3 // 4  # written anew


def test_no_cache_folder_is_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert grammar.__wrapped__().parse("language 1", START_FILE).children

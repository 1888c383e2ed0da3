"""The papers' own settings: each of them is without a mistake, beside data in the published layouts."""

import zipfile
from pathlib import Path

import pytest

import metaspec
from metaspec.source import Source
from metaspec.syntax.formatter import format_text

SPECS = Path(__file__).parents[2] / "specs" / "paper"
CLASSES, ITEMS = {"train": 64, "val": 16, "test": 20}, 20


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Lists and names, without a picture in them: checks decode none."""
    place = tmp_path_factory.mktemp("data")
    (place / "omniglot").mkdir()
    with zipfile.ZipFile(place / "omniglot/images_background.zip", "w") as packed:
        for character in range(560):
            folder = f"images_background/Alphabet{character // 20:02d}/character{character % 20 + 1:02d}"
            for drawing in range(ITEMS):
                packed.writestr(f"{folder}/{character:04d}_{drawing + 1:02d}.png", b"")
    with zipfile.ZipFile(place / "mini_imagenet.zip", "w") as packed:
        for part, count in CLASSES.items():
            rows = [f"{part}{number}_{item}.jpg,{part}{number}" for number in range(count) for item in range(ITEMS)]
            packed.writestr(f"{part}.csv", "\n".join(["filename,label", *rows]))
            for row in rows:
                packed.writestr(f"images/{row.partition(',')[0]}", b"")
    return place


@pytest.mark.parametrize("path", sorted(SPECS.rglob("*.meta")), ids=lambda path: path.stem)
def test_paper_spec_stands_in_the_standard_layout(path):
    text = path.read_text(encoding="utf-8")
    assert format_text(Source(str(path), text)) == text


@pytest.mark.parametrize("path", sorted(SPECS.glob("*.meta")), ids=lambda path: path.stem)
def test_paper_spec(path, data, monkeypatch):
    monkeypatch.setenv("METASPEC_DATA", str(data))
    found = metaspec.load(path)
    assert [each.message for each in found.diagnostics if each.severity != "note"] == []
    assert found.spec.expect is None or found.spec.expect.source
    assert found.spec.expect is not None or path.stem == "wichrowska_2017"

"""Suggestions: near names only, and only from those that are legal."""

import pytest

from metaspec.diagnostics.suggest import distance, suggest
from metaspec.syntax.tokens import KEYWORDS


@pytest.mark.parametrize(
    ("a", "b", "edits"),
    [
        ("", "", 0),
        ("", "abc", 3),
        ("abc", "abc", 0),
        ("trian", "train", 1),
        ("lr", "rl", 1),
        ("kitten", "sitting", 3),
    ],
)
def test_distance(a: str, b: str, edits: int) -> None:
    assert distance(a, b) == distance(b, a) == edits


def test_distance_is_that_of_optimal_alignment() -> None:
    """`ca` -> `ac` -> `abc` would edit one stretch twice."""
    assert distance("ca", "abc") == 3


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("trian", "train"),
        ("Train", "train"),
        ("metagard", "metagrad"),
        ("iner", "inner"),
        ("inn", None),
        ("optimizer", None),
        ("x", None),
    ],
)
def test_keywords(name: str, found: str | None) -> None:
    assert suggest(name, KEYWORDS) == found


def test_the_limit_grows_with_the_name() -> None:
    assert suggest("lr", ["l2"]) == "l2"
    assert suggest("lr", ["decay", "ab"]) is None
    assert suggest("iteratoins", ["iterations", "tasks"]) == "iterations"
    assert suggest("abcdefgh", ["abcdxxxx"]) is None


def test_the_first_of_equally_near_names_wins() -> None:
    assert suggest("stop", ["step", "stos"]) == "step"

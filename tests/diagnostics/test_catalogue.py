"""The catalogue of codes."""

import re

import pytest

from metaspec.diagnostics.catalogue import catalogue


@pytest.mark.parametrize("code", catalogue())
def test_entries_are_complete(code: str) -> None:
    entry = catalogue()[code]
    assert re.fullmatch(r"[EWN]0[0-9]{3}", code)
    assert entry.title and not entry.title.endswith(".")
    assert entry.text.endswith(".")
    assert entry.wrong and entry.right and entry.wrong != entry.right
    assert max(map(len, entry.right.splitlines())) <= 100

"""The wrong example of a code gives the code, and the right one does not."""

import pytest

from metaspec.diagnostics.catalogue import catalogue
from metaspec.resolve import resolve
from metaspec.resolve.checks.readiness import not_ready
from metaspec.source import Source

# Not from a text alone: imports (tests/resolve/test_names.py), data (test_checks.py), plans (tests/plan), runs, packages.
ELSEWHERE = {"E0206", "E0207", "E0402", "E0501", "E0502", "E0504", "E0703", "E0705", "W0115"}
EXAMPLES = [
    code
    for code, entry in catalogue().items()
    if not entry.wrong.startswith(("$", "#")) and code not in ELSEWHERE and code[1:3] != "07"
]


def codes(text: str) -> set[str]:
    found = resolve(Source("example.meta", text))
    return {each.code for each in (*found.diagnostics, *not_ready(found))}


@pytest.mark.parametrize("code", EXAMPLES)
def test_wrong_example(code):
    text = catalogue()[code].wrong
    if code == "E0503":  # data is looked at when the spec has no other mistake
        text += "model net = mlp\ninner = maml\nouter = adam\n"
    assert code in codes(text)


@pytest.mark.parametrize("code", EXAMPLES)
def test_right_example(code):
    assert code not in codes(catalogue()[code].right)

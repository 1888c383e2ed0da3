"""Small specs for tests of the resolver."""

from pathlib import Path

from metaspec.resolve import Resolved, resolve
from metaspec.source import Source

SPECS = Path(__file__).parents[2] / "specs"

HEAD = "language 1\n"
TASK = "task sine = sinusoid {}\n"
MODEL = "model net = mlp {}\n"
INNER = "inner = maml { steps = 1, lr = 0.01 }\n"
OUTER = "outer = adam { lr = 1e-3 }\n"
WHOLE = HEAD + TASK + MODEL + INNER + OUTER


def resolved(text: str, *overrides: str, **options) -> Resolved:
    return resolve(Source("test.meta", text), overrides, **options)


def right(text: str, *overrides: str, **options) -> Resolved:
    """A spec that has no errors."""
    found = resolved(text, *overrides, **options)
    assert not found.failed, [each.message for each in found.diagnostics]
    return found


def codes(found: Resolved) -> list[str]:
    return [each.code for each in found.diagnostics]


def only(found: Resolved, code: str):
    """The one message of this code."""
    matching = [each for each in found.diagnostics if each.code == code]
    assert len(matching) == 1, [(each.code, each.message) for each in found.diagnostics]
    return matching[0]

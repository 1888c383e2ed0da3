"""The arithmetic that a plan tells of: as much as the metagrad takes, while how it is executed stays the same."""

import pytest

from metaspec.plan.make import make
from metaspec.resolve import resolve
from metaspec.source import Source

TEXT = """language 1
task sine = sinusoid { shots = 10, queries = 10 }
model net = mlp { hidden = [8] }
inner = sgd { init = LEARNED, steps = 100, lr = learned(0.01, scale = log) }
metagrad = METAGRAD
outer = OUTER
train { objective = OBJECTIVE }
"""


def plan(metagrad, outer="adam {}", learned="glorot_uniform", objective="mean"):
    words = {"METAGRAD": metagrad, "OUTER": outer, "LEARNED": learned, "OBJECTIVE": objective}
    text = TEXT
    for word, value in words.items():
        text = text.replace(word, value)
    return make(resolve(Source("effort.meta", text)).required())


def passes(made):
    """Forward passes over an item of one task's meta-gradient; support and query sets have equal numbers here."""
    per_item = made.spec.models["net"].cost(made.tasks[0].signature).operations * 10
    return made.estimate.operations / per_item


@pytest.mark.parametrize(
    ("metagrad", "outer", "expected"),
    [
        ("unroll {}", "adam {}", 6 * 100 + 3),
        ("unroll { order = 1 }", "adam {}", 3 * 100 + 3),
        ("unroll { checkpoint = sqrt }", "adam {}", 9 * 100 + 3),
        ("forward {}", "adam {}", 3 * 100 * 3 + 6),  # one number: the loop, and twice for its tangent
        ("truncated { window = 5 }", "adam {}", 6 * 5 + 3),
        ("truncated { window = 5, carry = false }", "adam {}", 6 * 100 + 3),
        ("es { particles = 16 }", "adam {}", 32 * (3 * 100 + 1)),
        ("es { particles = 16, window = 20, antithetic = false }", "adam {}", 16 * (3 * 20 + 1)),
        ("pes { particles = 16, window = 20 }", "adam {}", 32 * (3 * 20 + 1)),
        ("none", "elite { particles = 8 }", 8 * (3 * 100 + 1)),
    ],
)
def test_the_metagrad_says_how_often_it_goes_through_an_item(metagrad, outer, expected):
    assert passes(plan(metagrad, outer)) == expected


def test_the_arithmetic_told_of_does_not_choose_the_mode():
    """Nor, with it, the bits."""
    few, many = plan("unroll {}"), plan("unroll { checkpoint = sqrt }")
    assert many.estimate.operations > few.estimate.operations and many.execution == few.execution

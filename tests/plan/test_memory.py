"""What a plan says of memory: how it grows with the steps, and what it recommends."""

from math import isqrt

import pytest

from metaspec.plan import make
from metaspec.plan.memory import LARGE, advice, amount
from metaspec.resolve import resolve
from metaspec.source import Source

TEXT = """language 1
task digits = training { data = digits {}, batch = 256 }
model net = mlp { hidden = [512] }
inner = momentum { steps = 2_000, lr = LR, l2 = learned(1e-3, per = PER, scale = log) }
metagrad = METAGRAD
outer = adam {}
"""


def plan(metagrad: str, per: str = "layer", lr: str = "0.1", **overrides):
    text = TEXT.replace("METAGRAD", metagrad).replace("PER", per).replace("LR", lr)
    return make(resolve(Source("large.meta", text), tuple(f"{k}={v}" for k, v in overrides.items())).required())


def memory(metagrad: str, steps: int) -> int:
    return plan(metagrad, **{"inner.steps": steps}).estimate.memory


@pytest.mark.parametrize("metagrad", ["forward {}", "implicit {}", "es {}"])
def test_memory_without_the_steps(metagrad):
    assert memory(metagrad, 10) == memory(metagrad, 3_000)


def test_memory_with_the_steps_and_with_their_root():
    few, many = memory("unroll {}", 100), memory("unroll {}", 10_000)
    assert many / few == pytest.approx(100, rel=0.2)
    few, many = (memory("unroll { checkpoint = sqrt }", steps) for steps in (100, 10_000))
    assert isqrt(100) * 0.6 < many / few < isqrt(100) * 1.1
    assert memory("unroll { checkpoint = sqrt }", 3_000) < memory("unroll {}", 3_000) / 10


def test_a_plan_that_is_too_large_says_what_keeps_less():
    large = plan("unroll {}")
    assert large.estimate.memory > LARGE
    found = advice(large)
    assert [each.split(",")[0].split(" }")[0].split(" {")[0] for each in found] == [
        "`metagrad = implicit",
        "`metagrad = forward",
        "`metagrad = unroll",
    ]


def test_what_has_no_meaning_is_not_recommended():
    assert not any("implicit" in each for each in advice(plan("unroll {}", lr="learned(0.1)")))
    assert not any("forward" in each for each in advice(plan("unroll {}", per="parameter")))
    assert advice(plan("unroll { checkpoint = sqrt }")) == ()


@pytest.mark.parametrize(
    ("number", "text"),
    [(7, "7 B"), (1536, "1.5 KiB"), (1010 * 2**20, "1010 MiB"), (2**31, "2 GiB"), (999 * 2**10, "999 KiB")],
)
def test_bytes_in_words(number, text):
    assert amount(number) == text

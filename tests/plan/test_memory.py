"""What a plan says of memory: how it grows with the steps, and what it recommends."""

import json
import subprocess
import sys
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


SMALL = """language 1
task t = TASK
model net = MODEL
inner = INNER
metagrad = METAGRAD
outer = OUTER
train { tasks = 8, shards = 1 MORE }
"""
MLP, CONV = "mlp { hidden = [400, 400] }", "conv4 { filters = 8 }"
PICTURES = "fewshot { data = glyphs {}, ways = 5, shots = 5, queries = 5 }"
SGD = "sgd { steps = 20, lr = learned(0.05) }"


def small(metagrad="unroll {}", inner=SGD, outer="adam {}", task="sinusoid {}", model=MLP, more=""):
    fields = {"TASK": task, "MODEL": model, "INNER": inner, "METAGRAD": metagrad, "OUTER": outer, "MORE": more}
    text = SMALL
    for name, value in fields.items():
        text = text.replace(name, value)
    return make(resolve(Source("small.meta", text)).required())


@pytest.mark.parametrize("outer", ["elite", "cma_es"])
def test_candidates_have_states_of_their_own(outer):
    model = "mlp { hidden = [40, 40] }"
    few, many = (
        small("none", outer=f"{outer} {{ particles = {count} }}", model=model).estimate.memory for count in (8, 8_000)
    )
    assert many > 30 * few
    assert few >= small("es { particles = 4 }", model=model).estimate.memory / 2


def test_what_an_inner_method_remembers_counts():
    inner = "{ steps = 20, lr = learned(0.05) }"
    found = [small(inner=f"{name} {inner}").estimate.memory for name in ("sgd", "momentum", "rmsprop", "adam")]
    assert found[0] < found[1] == found[2] < found[3]
    pairs = [
        small(inner=f"lbfgs {{ steps = 5, history = {count}, l2 = learned(0.1) }}").estimate.memory for count in (2, 8)
    ]
    assert pairs[1] > 2 * pairs[0]


def test_what_a_learned_optimizer_computes_counts():
    weights = "weights = learned(random), steps = 20"
    found = [
        small("truncated { window = 20 }", f"{name} {{ {weights} }}").estimate.memory
        for name in ("learned_rate", "learned_adam", "hierarchical_rnn", "coordinate_rnn")
    ]
    assert found == sorted(found) and found[-1] > 10 * found[0]


@pytest.mark.parametrize(("metagrad", "more"), [("unroll {}", ", warm_start = true"), ("truncated { window = 5 }", "")])
def test_what_is_carried_goes_through_the_graph_at_once(metagrad, more):
    """Where nothing is, convolutions go task by task, and evaluations do so in both cases."""
    found = small(metagrad, task=PICTURES, model=CONV, more=more)
    alone = small("unroll {}", task=PICTURES, model=CONV)
    assert (found.execution.chunk, found.execution.evaluation_chunk) == (8, 1)
    assert (alone.execution.chunk, alone.execution.evaluation_chunk) == (1, 1)
    if more:
        assert found.estimate.memory == 8 * alone.estimate.memory
    assert any("with all of its tasks at once" in each for each in found.reasons)
    assert not any("one task at a time" in each for each in found.reasons)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["unroll", "forward", "implicit", "truncated", "es, 64 pairs", "elite, 512", "lbfgs"])
def test_estimates_are_near_what_is_allocated(name):
    call = [sys.executable, "-m", "benchmarks.allocated", "--row", name]
    used, said = json.loads(subprocess.run(call, capture_output=True, text=True, check=True).stdout.splitlines()[-1])
    assert 0.6 < said / used < 1.7


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

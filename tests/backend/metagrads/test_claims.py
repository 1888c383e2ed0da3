"""What a meta-gradient claims to take it takes, and what it does not claim is refused: no field is ignored."""

import numpy as np
import pytest

from metaspec.backend.program import Program
from metaspec.kinds import registry
from metaspec.plan import make
from metaspec.resolve import resolve
from metaspec.source import Source
from tests.backend.differences import plain

SINE = "sinusoid { shots = 4, queries = 3 }"
INNER = "sgd { init = learned(glorot_uniform), steps = 2, lr = 0.1, proximal = 1 }"
MLP = "mlp { hidden = [3], activation = tanh }"
CELL = "cell { nodes = 1, width = 3, architecture = learned(controller { ops = [zero, identity, tanh] }) }"
DIGITS = "training { data = digits {}, batch = 8, query_batch = 8, train_on = learned(examples {}) }"
# Task, model and inner method of the kinds that ask for some of their own; any other takes the first.
BLOCKS = {
    "reinforce": (SINE, CELL, "sgd { steps = 2, lr = 0.1 }"),
    "gradient_matching": (DIGITS, "linear {}", "sgd { steps = 2, lr = 0.1 }"),
}
METAGRADS = registry.names("metagrads")


def found(name: str, objective: str):
    task, model, inner = BLOCKS.get(name, (SINE, MLP, INNER))
    fields = registry.load("metagrads", name).model_fields
    window = "window = 2" if "window" in fields else ""
    outer = "elite { particles = 4, keep = 2 }" if name == "none" else "sgd {}"
    return resolve(
        Source(
            "claims.meta",
            f"language 1\ntask t = {task}\nmodel net = {model}\ninner = {inner}\nmetagrad = {name} {{ {window} }}\n"
            f"outer = {outer}\ntrain {{ tasks = 2, objective = {objective} }}\nevaluate {{ tasks = 2 }}\n",
        )
    )


def gradient(name: str, objective: str) -> np.ndarray:
    program = Program(plain(make(found(name, objective).required())))
    arrays = program.gradient(program.start(), 0, program.plan.execution.shards[0])[0]
    return np.concatenate([arrays[key].ravel() for key in sorted(arrays)])


def test_every_kind_is_here():
    assert set(METAGRADS) >= {"unroll", "truncated", "implicit", "none", "gradient_matching"}


@pytest.mark.slow
@pytest.mark.parametrize("name", METAGRADS)
@pytest.mark.parametrize(
    ("claim", "objective", "code"), [("sees_steps", "mean", "E0403"), ("knows_start", "log", "E0401")]
)
def test_objectives(name, claim, objective, code):
    assert not found(name, "final").failed
    refused = {each.code for each in found(name, objective).diagnostics}
    if not getattr(registry.load("metagrads", name), claim):
        assert code in refused
        return
    assert not refused
    assert not np.array_equal(gradient(name, objective), gradient(name, "final"))

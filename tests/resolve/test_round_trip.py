"""Whatever resolves can be printed, and what is printed resolves to an equal spec: on specs drawn at random."""

import random

import pytest

from metaspec.resolve import to_meta
from tests.resolve.specs import WHOLE, resolved, right

# For each path, texts of values of every form that it takes.
VALUES = {
    "inner": [
        "sgd { init = learned(he_normal) }",
        "adam { init = learned(zeros), beta1 = 1/3 }",
        "anil",
        "meta_sgd",
        "momentum { init = learned(random), decay = learned(0.9, min = 0.1, max = 0.99) }",
    ],
    "inner.lr": [
        "0.3",
        "1e-7",
        "learned(0.1, per = layer)",
        "learned(2e-3, per = [tensor, step], scale = log)",
        "{ head = 0, rest = learned(0.1) }",
        "{ hidden1 = 1, bias = 0, rest = 0.5 }",
        "learned(0.1, outer = rmsprop { lr = cosine(1, 0.5), clip_norm = 3 })",
    ],
    "inner.steps": ["1", "5"],
    "inner.adapt": ["all", "head", "[hidden1]", "[hidden2, head]"],
    "inner.l2": ["0", "1e-4", "{ kernel = 1e-3, rest = 0 }"],
    "metagrad": ["unroll { order = 1 }", "unroll { checkpoint = 2 }", "unroll { checkpoint = sqrt }"],
    "outer": ["sgd { lr = warmup(10, step(0.1, 0.5, 100)) }", "momentum { nesterov = true }", "rmsprop { start = 1 }"],
    "sine.phase": ["0", "normal(0, 1)", "uniform(-pi, pi)", "loguniform(1e-3, 2 * e)"],
    "net.hidden": ["[]", "[7, 7]", "3..4"],
    "train.objective": ["final", "mean", "log", "none"],
    "train.seed": ["0", "123_456"],
    "evaluate.every": ["none", "10"],
    "schedule": [
        "inline",
        "pool { workers = 3, deadline = 1.5h }",
        "pool { exchange = weights { combine = loss_average } }",
    ],
}


@pytest.mark.parametrize("seed", range(60))
def test_printed_spec_is_equal(seed):
    draw = random.Random(seed)
    chosen = [f"{path}={draw.choice(values)}" for path, values in VALUES.items() if draw.random() < 0.5]
    found = resolved(WHOLE, *chosen)
    if found.failed:  # layers named that another `hidden` does not have
        assert {each.code for each in found.diagnostics if each.is_error} <= {"E0204", "E0208", "E0401"}, chosen
        return
    spec = found.required().model_copy(update={"preset": None})
    for complete in (False, True):
        assert right(to_meta(spec, complete)).required() == spec, chosen
    assert type(spec).model_validate_json(spec.model_dump_json()) == spec


def test_most_random_specs_are_right():
    """So that the test above does test something."""
    failed = 0
    for seed in range(60):
        draw = random.Random(seed)
        chosen = [f"{path}={draw.choice(values)}" for path, values in VALUES.items() if draw.random() < 0.5]
        failed += resolved(WHOLE, *chosen).failed
    assert failed < 20

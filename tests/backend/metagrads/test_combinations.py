"""Every (inner method, meta-gradient, learned field) that the checks admit, against float64 differences.

The combinations are generated from what the kinds declare: a new inner method, or a new field that can be learned,
is in the matrix without being named here. Learned optimizers have tests of their own. What the checks refuse is
asserted to be refused with their code.
"""

import pytest

from metaspec.kinds import registry
from metaspec.resolve import resolve
from metaspec.source import Source
from metaspec.spec.declared import LearnedType, NumberType, fields_of
from metaspec.spec.gradient import WeightsInner
from metaspec.spec.optimizer import LearnedInner
from tests.backend.differences import case, relative_error

TASKS = {
    "regression": "sinusoid { shots = 4, queries = 3 }",
    "classes": "fewshot { data = glyphs { alphabets = 4, characters = 3, drawings = 5, split = classes { validation = 2, "
    "test = 2 } }, ways = 2, shots = 2, queries = 1 }",
}
METAGRADS = {
    "unroll": "unroll {}",
    "first order": "unroll { order = 1 }",
    "implicit": "implicit { solver = exact {} }",
    "reptile": "reptile {}",
    "joint": "joint {}",
}
# Inner loops that implicit differentiation is right for: those that end at the minimum.
TO_THE_END = {
    "newton": "steps = 60, tolerance = 1e-11",
    "lbfgs": "steps = 200, tolerance = 1e-9",
    "sgd": "steps = 4_000, lr = 0.3, tolerance = 1e-9",
    "momentum": "steps = 2_000, lr = 0.1, tolerance = 1e-9",
    # With a small epsilon these two move by `lr` however small the gradient is, and end nowhere.
    "adam": "steps = 3_000, lr = 0.3, epsilon = 1, tolerance = 1e-9",
    "rmsprop": "steps = 3_000, lr = 0.3, epsilon = 1, tolerance = 1e-9",
}
ELSEWHERE = ("policy_gradient",)  # learns from trajectories, which neither task has: tests/backend/policies
FEW = {"newton": "steps = 2, tolerance = 1e-12", "lbfgs": "steps = 3, tolerance = 1e-12"}
STARTS = {"lr": 0.1, "l2": 0.2, "proximal": 0.3, "decay": 0.8, "scale": 1.5, "shift": 0.2, "cost": 0.3}
MODELS = {"loss": "mlp { hidden = [3], activation = tanh }"}  # of fields that hold a model
QUICK = {
    ("newton", "unroll", "init"),
    ("ridge", "unroll", "l2"),
    ("svm", "unroll", "cost"),
    ("prototypes", "unroll", "init"),
    ("matching", "unroll", "scale"),
    ("none", "unroll", "init"),
    ("newton", "implicit", "l2"),
    ("lbfgs", "unroll", "init"),
}
ORACLES = ("unroll", "first order", "implicit")  # the others have formulas of their own, in test_reptile


def learnable(inner: str) -> list[str]:
    return [
        name
        for name, types in fields_of(registry.load("inner", inner)).items()
        if any(isinstance(each, LearnedType) for each in types)
    ]


def text(inner: str, metagrad: str, field: str, task: str) -> str:
    types = fields_of(registry.load("inner", inner))
    number = any(isinstance(each, NumberType) for each in types[field])
    start = STARTS.get(field, 0.5) if number else MODELS.get(field, "glorot_uniform")
    fields = [f"{field} = learned({start})"]
    if field != "init":
        fields.append("init = learned(glorot_uniform)")
    if "adapt" in types:
        fields.append("adapt = head")
        fields.append("l2 = 0.3" if field == "proximal" else "proximal = 0.3")
    if metagrad == "implicit" and field == "lr":
        fields.append(TO_THE_END[inner].replace("lr = 0.3, ", "").replace("lr = 0.1, ", ""))
    elif metagrad == "implicit":
        fields.append(TO_THE_END.get(inner, ""))
    elif "steps" in types:
        fields.append(FEW.get(inner, "steps = 2"))
    return (
        f"language 1\ntask t = {TASKS[task]}\nmodel net = mlp {{ hidden = [4], activation = tanh }}\n"
        f"inner = {inner} {{ {', '.join(each for each in fields if each)} }}\nmetagrad = {METAGRADS[metagrad]}\n"
        "outer = sgd {}\ntrain { precision = float64 }\n"
    )


def matrix():
    inners = [
        name
        for name in registry.names("inner")
        if issubclass(registry.load("inner", name), WeightsInner)
        and not issubclass(registry.load("inner", name), LearnedInner)
        and name not in ELSEWHERE
    ]
    for inner in inners:
        for metagrad in METAGRADS:
            for field in learnable(inner):
                for task in TASKS:
                    # Each with one task: the other one differs in the loss alone.
                    quick = (inner, metagrad, field) in QUICK and (task == "classes" or inner in ("ridge", "none"))
                    yield pytest.param(inner, metagrad, field, task, marks=() if quick else pytest.mark.slow)


@pytest.mark.parametrize(("inner", "metagrad", "field", "task"), list(matrix()))
def test_combination(inner, metagrad, field, task):
    found = resolve(Source("combination", text(inner, metagrad, field, task)))
    if found.failed:
        assert {each.code for each in found.diagnostics if each.is_error} <= {"E0401", "E0403"}
        return
    spec = found.spec
    made = case(spec.tasks["t"], spec.models["net"], spec.inner, spec.metagrad)
    # A random network as a loss need not have a minimum, and without one there is nothing to hold `implicit` against.
    if metagrad in ORACLES and (metagrad, field) != ("implicit", "loss"):
        bound = 1e-6 if metagrad != "implicit" else 2e-4
        assert relative_error(made, constant_gradients=metagrad == "first order") < bound


def test_what_is_refused():
    """The combinations without a meaning, so that a check that refuses too much is seen."""
    refused = set()
    for parameter in matrix():
        inner, metagrad, field, task = parameter.values
        if resolve(Source("combination", text(inner, metagrad, field, task))).failed:
            refused.add((inner, metagrad, field if field in ("lr", "loss") else "any", task))
    heads = {"ridge", "prototypes", "matching", "svm", "none"}
    for inner, metagrad, field, task in refused:
        reasons = (
            task == "regression" and inner in ("prototypes", "matching", "svm"),
            inner in heads and metagrad in ("implicit", "reptile", "joint"),
            metagrad == "first order" and inner in ("newton", "lbfgs"),
            metagrad == "implicit" and field in ("lr", "any"),
            metagrad == "reptile",
            metagrad == "joint" and field == "loss",
        )
        assert any(reasons), (inner, metagrad, field, task)
    assert not any(metagrad == "unroll" and task == "classes" for _, metagrad, _, task in refused)

"""A learned optimizer as the outer method: its rule in NumPy, and a run that is trained by another run."""

import numpy as np
import pytest
import tensorflow as tf
from safetensors.numpy import load_file

import metaspec
from metaspec.backend import update
from metaspec.plan import make
from metaspec.spec.spec import Spec
from metaspec.spec.values import Load
from tests.backend.differences import kind, learned
from tests.backend.small import SINE, TANH

TRAINED = """language 1
task bowls = problems { set = bowl, instances = 4 }
inner = learned_adam { weights = learned(random), steps = 4 }
metagrad = truncated { window = 2 }
outer = adam { lr = 0.1 }
train { iterations = 3, tasks = 4 }
evaluate { tasks = 4 }
"""
NESTED = TRAINED.replace("adam { lr = 0.1 }", 'optimizer { weights = load("first") }')


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    """The folder of a run that has learned an optimizer."""
    place = tmp_path_factory.mktemp("outer")
    (place / "first.meta").write_text(TRAINED, encoding="utf-8")
    metaspec.run(place / "first.meta", out=place / "first")
    return place / "first"


def adam(weights, values: np.ndarray, gradients, share: float) -> np.ndarray:
    """The rule of `learned_adam`, from its formula."""
    beta1, beta2 = (1 / (1 + np.exp(-weights[name])) for name in ("beta1", "beta2"))
    first = second = np.zeros_like(values)
    for count, slope in enumerate(gradients, start=1):
        first, second = beta1 * first + (1 - beta1) * slope, beta2 * second + (1 - beta2) * slope**2
        size = np.sqrt(second / (1 - beta2**count) + 1e-10) + np.exp(weights["log_epsilon"])
        values = values - share * np.exp(weights["log_rate"]) * first / (1 - beta1**count) / size
    return values


def test_the_update_is_the_rule_of_the_run(first):
    spec = Spec(
        language=1,
        tasks={"task": SINE},
        models={"net": TANH},
        inner=kind("inner", "sgd", init=learned("glorot_uniform"), lr=learned(0.1, name="inner.lr")),
        metagrad=kind("metagrads", "unroll"),
        outer=kind("outers", "optimizer", weights=Load(load=str(first)), lr=0.5),
        schedule=kind("schedules", "inline"),
        train={"iterations": 3, "tasks": 1, "precision": "float64"},
    )
    built = update.build(make(spec), tf.float64)
    draw = np.random.default_rng(0)
    keys = {tensor.key: tensor.shape for tensor in make(spec).meta}
    assert () in keys.values()
    meta = {key: tf.constant(draw.standard_normal(shape)) for key, shape in keys.items()}
    slopes = [{key: tf.constant(draw.standard_normal(shape)) for key, shape in keys.items()} for _ in range(3)]
    slots, now = built.slots(meta), meta
    for number, slope in enumerate(slopes):
        now, slots, _ = built.apply(now, slots, slope, tf.constant(number))
    stored = load_file(first / "parameters.safetensors")
    weights = {key.rpartition("/")[2]: value.astype(np.float64) for key, value in stored.items()}
    for key, value in meta.items():
        expected = adam(weights, value.numpy(), [slope[key].numpy() for slope in slopes], 0.5)
        np.testing.assert_allclose(now[key], expected, rtol=1e-12)


def test_an_optimizer_trains_an_optimizer_and_goes_on_where_it_was(first):
    beside = first.parent / "second.meta"
    beside.write_text(NESTED.replace("iterations = 3", "iterations = 6, checkpoint = 3"), encoding="utf-8")
    whole = metaspec.run(beside, out=first.parent / "whole")
    before, after = (load_file(first.parent / name / "parameters.safetensors") for name in ("first", "whole"))
    assert before.keys() == after.keys()
    assert any(not np.allclose(before[key], after[key]) for key in before)
    assert np.isfinite(whole.test.mean["query_loss"]).all()


def test_a_run_that_is_not_there_is_told_apart(tmp_path):
    (tmp_path / "nested.meta").write_text(NESTED, encoding="utf-8")
    found = metaspec.check(tmp_path / "nested.meta")
    assert [each.code for each in found] == ["E0505"]
    assert "there is no run in `first`" in found[0].message

"""An exported optimizer steps as metaspec's own, and works where metaspec is not."""

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from metaspec.api import plan
from metaspec.backend.inner.learned import learned
from metaspec.backend.keys import fold, stream
from metaspec.backend.records import Batch, Problem
from metaspec.backend.settings import Settings
from metaspec.backend.weights import drawn
from metaspec.cli.main import main
from metaspec.export.keras import export
from metaspec.report.reading import Run
from metaspec.resolve import resolve
from metaspec.runtime.errors import RunError
from metaspec.runtime.folder import RunFolder
from metaspec.source import Source

KINDS = {
    "hierarchical_rnn": "hierarchical_rnn { weights = learned(random) }",
    "lstm": "hierarchical_rnn { weights = learned(random), cell = lstm, attention = true, max_lr = 0.1 }",
    "one_level": "hierarchical_rnn { weights = learned(random), sizes = [6], extreme_indicator = true, scales = 1 }",
    "drawn_start": "hierarchical_rnn { weights = learned(random), learnable_start = false, learnable_decay = false }",
    "coordinate_rnn": "coordinate_rnn { weights = learned(random), sizes = [5, 3] }",
    "coordinate_gru": "coordinate_rnn { weights = learned(random), cell = gru, sizes = [4] }",
    "mlp_optimizer": "mlp_optimizer { weights = learned(random) }",
    "small_fc": "small_fc { weights = learned(random), step_scale = 0.1 }",
    "learned_schedule": "learned_schedule { weights = learned(random), length = 3, start = 0.05 }",
    "learned_adam": "learned_adam { weights = learned(random), lr = 0.01 }",
    "learned_rate": "learned_rate { weights = learned(random), start = 0.03 }",
    "star": "small_fc { weights = learned(random), nominal = 0.01, decay = 1e-3, preconditioned = true }",
}
SHAPES = {"kernel": (4, 3), "bias": (3,), "filter": (2, 3, 2)}
SPEC = """
language 1
task bowl = problems {{ set = bowl, instances = 4 }}
inner = {inner}
metagrad = truncated {{ window = 2 }}
outer = adam {{}}
train {{ iterations = 1, objective = log }}
"""


def finished(inner: str, folder: Path) -> Run:
    """A run as it would end before its first update: the weights are those it begins with."""
    made = plan(resolve(Source("made.meta", SPEC.format(inner=inner))))
    key = stream(3, "optimizer weights")
    weights = {
        f"meta/inner.weights/{each.name}": drawn(each, fold(key, place), tf.float32).numpy()
        for place, each in enumerate(made.spec.inner.tensors())
    }
    return Run(RunFolder(folder), made, "finished", "", None, {}, (), (), (), weights, {})


def package(run: Run, folder: Path, name: str):
    export(run, folder / name)
    sys.path.insert(0, str(folder))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(folder))


def loss(values) -> tf.Tensor:
    """Neither convex nor equal in all directions."""
    return tf.add_n([tf.reduce_sum(tf.cos(3 * each) + (1 + place) * each**2) for place, each in enumerate(values)])


def own_steps(run: Run, start: dict, count: int) -> list[dict]:
    """What metaspec's own inner method makes of it."""
    inner = run.plan.spec.inner
    rule = importlib.import_module(f"metaspec.backend.optimizers.{inner.name}").optimizer

    def gradient(params, support):
        with tf.GradientTape() as tape:
            tape.watch(params)
            value = loss([params[name] for name in SHAPES])
        return tape.gradient(value, params)

    problem = Problem(None, None, gradient, tuple(SHAPES), False, 0, False, False)
    method = learned(inner, problem, rule)
    weights = {name.rpartition("/")[2]: tf.constant(value) for name, value in run.parameters.items()}
    settings = Settings({}, None, weights=weights, key=tf.constant([7, 0], tf.int32))
    support = Batch(tf.zeros((1, 1)), tf.zeros((1, 1)))
    state = method.init(settings, support, {name: tf.constant(value)[tf.newaxis] for name, value in start.items()})
    found = []
    for number in range(count):
        state = method.step(settings, state, support, number)
        found.append({name: value[0].numpy() for name, value in state.params.items()})
    return found


@pytest.mark.parametrize("name", KINDS)
def test_steps_are_those_of_the_inner_method(name, tmp_path):
    import keras

    run = finished(KINDS[name], tmp_path)
    found = package(run, tmp_path, f"exported_{name}")
    draw = np.random.default_rng(5)
    start = {each: draw.standard_normal(shape).astype(np.float32) for each, shape in SHAPES.items()}
    optimizer = found.LearnedOptimizer(seed=7)
    variables = [keras.Variable(value, name=each) for each, value in start.items()]
    for number, wanted in enumerate(own_steps(run, start, 6)):
        with tf.GradientTape() as tape:
            value = loss([each.value for each in variables])
        optimizer.apply(tape.gradient(value, [each.value for each in variables]), variables)
        if optimizer._steps.attended is not None and number < 5:
            continue  # the variables are where the next gradient is taken
        optimizer.finalize_variable_values(variables)
        for variable, each in zip(variables, SHAPES, strict=True):
            np.testing.assert_allclose(variable.numpy(), wanted[each], rtol=2e-5, atol=2e-6)
    assert np.abs(variables[0].numpy() - start["kernel"]).max() > 1e-6


def test_many_elements_are_grouped_as_few(monkeypatch, tmp_path):
    """Beyond a bound groups are taken piece by piece and not by a matrix, with the same means."""
    from metaspec.backend.optimizers import layout

    groups = layout.by_tensor(layout.layout_of(tuple(SHAPES.values())))
    values = tf.constant(np.random.default_rng(0).standard_normal((2, 1, 27)))
    small = layout.means(groups, values), layout.spread(groups, layout.means(groups, values))
    monkeypatch.setattr(layout, "DENSE", 1)
    large = layout.means(groups, values), layout.spread(groups, layout.means(groups, values))
    for one, other in zip(small, large, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12)


FRESH = """
import json, sys
import keras, numpy as np
from sklearn.datasets import load_digits
from exported import LearnedOptimizer

pictures, classes = load_digits(return_X_y=True)
pictures = (pictures / 16).astype("float32")
found = {}
for jit in (False, True):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((64,)), keras.layers.Dense(10)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=LearnedOptimizer(), loss=loss, metrics=["accuracy"], jit_compile=jit)
    past = model.fit(pictures, classes, batch_size=100, epochs=3, verbose=0).history
    found[str(jit)] = past["loss"] + past["accuracy"][-1:]
model.save("model.keras")
again = keras.models.load_model("model.keras")
found["memory"] = max(
    float(np.abs(one.numpy() - other.numpy()).max())
    for one, other in zip(model.optimizer.variables, again.optimizer.variables, strict=True)
)
past = [each.fit(pictures, classes, batch_size=100, epochs=1, shuffle=False, verbose=0) for each in (model, again)]
found["goes on"] = [each.history["loss"][0] for each in past]
found["metaspec"] = [name for name in sys.modules if name.partition(".")[0] == "metaspec"]
print(json.dumps(found))
"""


def test_digits_in_a_fresh_process(tmp_path):
    """Trains with and without XLA, and goes on from a `.keras` file; metaspec is not imported."""
    inner = "small_fc { weights = learned(random), nominal = 0.05 }"
    export(finished(inner, tmp_path), tmp_path / "exported")
    done = subprocess.run(
        [sys.executable, "-c", FRESH],
        cwd=tmp_path,
        env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "2", "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["True"] == pytest.approx(found["False"], rel=1e-3)
    assert found["True"][0] > found["True"][2]
    assert found["True"][-1] > 0.9
    assert found["memory"] == 0
    assert found["goes on"][0] == pytest.approx(found["goes on"][1], rel=1e-6)
    assert found["metaspec"] == []


@pytest.fixture(scope="module")
def rate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rate")
    return package(finished(KINDS["learned_rate"], folder), folder, "exported_for_messages")


@pytest.mark.parametrize(
    ("value", "dtype", "reason"),
    [
        (np.zeros((2,)), "int32", "is int32"),
        (np.zeros((2,)), "complex64", "is complex64"),
        (np.zeros((0, 3)), "float32", "is empty"),
    ],
)
def test_variables_that_cannot_be_trained(rate, value, dtype, reason):
    variable = tf.Variable(tf.cast(value, dtype), name="table")
    with pytest.raises(ValueError, match=f"(?s)cannot train.*table.*{reason}"):
        rate.LearnedOptimizer().build([variable])


def test_variables_without_a_gradient_stay(rate):
    import keras

    moved, still = keras.Variable(np.ones(2)), keras.Variable(np.ones(2))
    with pytest.warns(UserWarning, match="Gradients do not exist"):
        rate.LearnedOptimizer().apply([tf.ones(2), None], [moved, still])
    np.testing.assert_allclose(moved.numpy(), 0.97, rtol=1e-6)
    np.testing.assert_array_equal(still.numpy(), 1)


def test_learning_rate_is_a_factor(rate):
    import keras

    variable = keras.Variable(np.ones(2))
    rate.LearnedOptimizer(learning_rate=0.5).apply([tf.ones(2)], [variable])
    np.testing.assert_allclose(variable.numpy(), 1 - 0.5 * 0.03, rtol=1e-6)


def test_other_weights_are_refused(rate):
    import keras

    config = rate.LearnedOptimizer().get_config()
    assert keras.optimizers.Optimizer.from_config.__func__(rate.LearnedOptimizer, config).seed == 0
    with pytest.raises(ValueError, match="saved with the learned optimizer 0123"):
        rate.LearnedOptimizer(**config | {"fingerprint": "0123"})


@pytest.mark.parametrize(
    ("change", "name", "reason"),
    [
        ({"result": None}, "fine", "not finished"),
        ({}, "not-a-name", "cannot be imported"),
        ({}, "there", "exists already"),
    ],
)
def test_what_is_not_exported(change, name, reason, tmp_path):
    from dataclasses import replace

    (tmp_path / "there").mkdir()
    run = finished(KINDS["learned_rate"], tmp_path)
    with pytest.raises(RunError, match=reason) as raised:
        export(replace(run, **change), tmp_path / name)
    assert raised.value.diagnostic.code == "E0710"


def test_a_run_that_is_not_there(tmp_path, capsys):
    assert main(["export", str(tmp_path / "nothing"), "--to", "keras"]) == 3
    assert "E0709" in capsys.readouterr().err


@pytest.mark.slow
def test_the_command(tmp_path, capsys, monkeypatch):
    """From a run of the real thing to a package."""
    from metaspec.api import run

    monkeypatch.chdir(tmp_path)
    spec = tmp_path / "rate.meta"
    spec.write_text(SPEC.format(inner="learned_rate { weights = learned(random), steps = 2 }"))
    run(spec, {"evaluate.tasks": 4})
    assert main(["export", "runs/rate", "--to", "keras"]) == 0
    assert "rate_optimizer" in capsys.readouterr().out
    stored = np.load(tmp_path / "rate_optimizer" / "weights.npz")
    assert stored["rate"] != 1e-3

"""Values from finished runs: an optimizer trained in one spec, used in another without training."""

import shutil

import numpy as np
import pytest
from safetensors.numpy import load_file

import metaspec
from metaspec.backend.program import Program
from metaspec.diagnostics import SpecError

TRAIN = """language 1
task bowl = problems { set = bowl, instances = 4 }
inner = small_fc { weights = learned(random), steps = 4, step_scale = 0.1, hidden = [3] }
metagrad = truncated { window = 2 }
outer = adam { lr = 3e-3 }
train { iterations = 3, objective = log, tasks = 4 }
evaluate { tasks = 4 }
"""
USE = """language 1
task TASK
inner = small_fc { weights = WEIGHTS, steps = 4, step_scale = 0.1, hidden = [3] }
metagrad = truncated { window = 2 }
outer = adam {}
train { iterations = 0, tasks = 4 }
evaluate { tasks = 4 }
"""
SAME, OTHER = "bowl = problems { set = bowl, instances = 4 }", "five = problems { of = quadratic { size = 5 } }"


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("loaded")
    (folder / "train.meta").write_text(TRAIN)
    metaspec.run(folder / "train.meta", out=folder / "runs" / "x")
    return folder


def used(folder, task=SAME, weights='load("runs/x")', **fields):
    (folder / "use.meta").write_text(USE.replace("TASK", task).replace("WEIGHTS", weights))
    return metaspec.load(folder / "use.meta", fields)


def test_without_training(trained, tmp_path):
    """On its own tasks the figures are those of the run that trained it; on others it is the same optimizer."""
    result = metaspec.run(used(trained), out=tmp_path / "same")
    assert result.iterations == 0 and result.tasks_per_second == 0
    first = metaspec.runtime.result.load(trained / "runs" / "x" / "result.json")
    assert result.test.mean == first.test.mean
    assert metaspec.run(used(trained, OTHER), out=tmp_path / "other").test.tasks == 4
    assert "Traceback" not in (tmp_path / "same" / "workers.log").read_text()


def test_training_goes_on(trained, tmp_path):
    """`learned(load(..))` starts where the run has ended."""
    before = load_file(trained / "runs" / "x" / "parameters.safetensors")
    started = Program(metaspec.plan(used(trained, weights='learned(load("runs/x"))'))).start()
    assert before.keys() <= started.keys()
    for name, value in before.items():
        np.testing.assert_array_equal(value, started[name])
    spec = used(trained, weights='learned(load("runs/x"))', **{"train.iterations": 1})
    metaspec.run(spec, out=tmp_path / "on")
    after = load_file(tmp_path / "on" / "parameters.safetensors")
    assert any((before[name] != after[name]).any() for name in before)


def messages(resolved):
    return [(each.code, each.message) for each in metaspec.check(resolved)]


def test_runs_that_do_not_fit(trained):
    assert messages(used(trained)) == []
    ((code, message),) = messages(used(trained, **{"inner.hidden": "[4]"}))
    assert code == "E0505" and "`hidden` is [3] there and [4] here" in message
    ((code, message),) = messages(used(trained, **{"inner.step_scale": 0.5}))
    assert code == "W0109" and "`step_scale` is 0.1 there and 0.5 here" in message
    ((code, message),) = messages(used(trained, **{"inner": 'mlp_optimizer { weights = load("runs/x") }'}))
    assert code == "E0505" and "`small_fc`" in message and "`mlp_optimizer`" in message
    with pytest.raises(SpecError):
        metaspec.plan(used(trained, **{"inner.hidden": "[4]"}))


def test_runs_that_are_not_there(trained, tmp_path):
    ((code, message),) = messages(used(trained, weights='load("runs/none")'))
    assert code == "E0505" and "no run in `runs/none`" in message
    shutil.copytree(trained / "runs" / "x", tmp_path / "half")
    (tmp_path / "half" / "parameters.safetensors").unlink()
    ((code, message),) = messages(used(trained, weights=f'load("{tmp_path / "half"}")'))
    assert code == "E0505" and "not finished" in message


def test_something_is_learned_or_evaluated(trained):
    (trained / "use.meta").write_text(USE.replace("TASK", SAME).replace("WEIGHTS", 'load("runs/x")'))
    found = metaspec.check(trained / "use.meta", {"train.iterations": 5})
    assert [each.code for each in found if each.is_error] == ["E0401"]
    assert any("iterations = 0" in line for line in found[0].help)


def test_initial_weights_of_a_run(tmp_path):
    """Few-shot tasks start at what another run has learned."""
    spec = tmp_path / "line.meta"
    spec.write_text(
        "language 1\ntask line = sinusoid {}\nmodel net = mlp { hidden = [5] }\n"
        "inner = sgd { init = learned(glorot_uniform), steps = 1 }\nmetagrad = unroll {}\nouter = adam {}\n"
        "train { iterations = 2, tasks = 2 }\nevaluate { tasks = 4 }\n"
    )
    first = metaspec.run(spec, out=tmp_path / "a")
    again = {"inner.init": 'fixed(load("a"))', "train.iterations": 0}
    assert metaspec.run(spec, again, out=tmp_path / "b").test.mean == first.test.mean
    started = Program(metaspec.plan(spec, {"inner.init": 'load("a")'})).start()
    for name, value in load_file(tmp_path / "a" / "parameters.safetensors").items():
        np.testing.assert_array_equal(value, started[name])

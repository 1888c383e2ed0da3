"""A finished run's learner against the run's own evaluation, and what is said of items that do not fit."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import metaspec
from metaspec.adapting import learner
from metaspec.cli.main import main

ROOT = Path(__file__).parents[1]

SHAPES = """language 1
task shapes = fewshot { data = glyphs { alphabets = 12, characters = 6, drawings = 6 }, ways = 3, shots = SHOTS, queries = 3 }
model net = conv4 { filters = 8, norm = NORM }
inner = METHOD
outer = adam { lr = 1e-3 }
train { iterations = 0 }
evaluate { tasks = 3, EVALUATE }
"""


def trained(folder, text):
    path = folder / "spec.meta"
    path.write_text(text)
    return metaspec.run(path, out=folder / "run")


def of_shapes(folder, method="maml { steps = 2, lr = 0.1 }", norm="group", evaluate="steps = 3", shots="2"):
    words = {"SHOTS": shots, "NORM": norm, "METHOD": method, "EVALUATE": evaluate}
    text = SHAPES
    for word, value in words.items():
        text = text.replace(word, value)
    return trained(folder, text)


def test_tasks(folder):
    """(support inputs, targets, weights, query inputs, targets) of each test task, as the run evaluated it."""
    from metaspec.backend.program import Program
    from metaspec.report.reading import read

    plan = read(folder).plan
    program = Program(plan)
    for shard in plan.execution.evaluation:
        support, query = program.episode("test", 0, shard)
        weights = None if isinstance(support.weights, tuple) else support.weights.numpy()
        for place in range(shard.count):
            own = support.targets[place].numpy() >= 0 if weights is None else weights[place] > 0
            yield (
                support.inputs[place].numpy()[own],
                support.targets[place].numpy()[own],
                query.inputs[place].numpy(),
                query.targets[place].numpy(),
            )


test_tasks.__test__ = False


@pytest.mark.parametrize(
    ("options", "together"),
    [
        pytest.param({"norm": "batch"}, True, id="maml, together", marks=pytest.mark.slow),
        pytest.param({"norm": "batch", "evaluate": "steps = 3, transductive = false"}, False, id="maml, alone"),
        pytest.param({"norm": "per_step"}, False, id="kept statistics", marks=pytest.mark.slow),
        pytest.param({"method": "anil { steps = 2, lr = 0.1 }", "shots": "uniform(1, 3)"}, False, id="unequal shots"),
        pytest.param(
            {"method": "prototypes {}", "evaluate": "transductive = true"},
            False,
            id="prototypes",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            {"method": "r2d2 {}", "norm": "batch", "evaluate": "transductive = false"},
            False,
            id="ridge, alone",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_predictions_are_those_of_the_evaluation(tmp_path, options, together):
    """The accuracy of the run's test tasks, from their items alone and with other names of classes.

    In another order too where outputs are made of the classes; those of a learned head are each class's by its place.
    """
    result = of_shapes(tmp_path, **options)
    found = learner(tmp_path / "run")
    right = []
    for items, labels, asked, expected in test_tasks(tmp_path / "run"):
        order = np.arange(len(items))
        if "prototypes" in options.get("method", ""):
            order = np.random.default_rng(0).permutation(order)
        adapted = found.adapt(items[order], [f"class {label}" for label in labels[order]])
        assert adapted.steps == found.steps and set(adapted.classes) == {f"class {label}" for label in range(3)}
        predicted = adapted.predict(asked, together=together)
        right.append(np.mean([name == f"class {label}" for name, label in zip(predicted, expected, strict=True)]))
        shares = adapted.probabilities(asked, together=together)
        np.testing.assert_allclose(shares.sum(axis=1), 1.0)
        assert [adapted.classes[place] for place in shares.argmax(axis=1)] == predicted
    assert np.mean(right) == pytest.approx(result.test.mean["accuracy"][-1], abs=1e-6)


@pytest.mark.slow
def test_an_item_is_judged_alone(tmp_path):
    of_shapes(tmp_path, norm="batch")
    found = learner(tmp_path / "run")
    items, labels, asked, _ = next(test_tasks(tmp_path / "run"))
    adapted = found.adapt(items, labels.tolist(), steps=1)
    whole = adapted.outputs(asked)
    np.testing.assert_allclose(np.concatenate([adapted.outputs(asked[n : n + 1]) for n in range(9)]), whole, rtol=2e-4)
    assert np.abs(adapted.outputs(asked, together=True) - whole).max() > 1e-3


def test_regression(tmp_path):
    """Its numbers come nearer to the points with more steps."""
    text = "language 1\ntask sine = sinusoid\nmodel net = mlp { hidden = [8] }\ninner = maml { steps = 2, lr = 0.01 }\n"
    trained(tmp_path, text + "outer = adam {}\ntrain { iterations = 0 }\nevaluate { tasks = 2 }\n")
    found = learner(tmp_path / "run")
    assert (found.ways, found.outputs, found.item_shape) == (None, 1, (1,))
    x = np.linspace(-5, 5, 10)[:, None]
    adapted = found.adapt(x, np.sin(x[:, 0]))
    before, after = (((found.adapt(x, np.sin(x), steps).predict(x) - np.sin(x)) ** 2).mean() for steps in (0, 500))
    assert adapted.predict(x).shape == (10, 1) and after < 0.8 * before
    with pytest.raises(ValueError, match="a regression has no classes"):
        adapted.probabilities(x)
    with pytest.raises(ValueError, match="2 numbers, and the model gives 1"):
        found.adapt(x, np.zeros((10, 2)))


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """A run on fifteen classes of pictures, which are gone, and three new classes with labels."""
    tmp_path = tmp_path_factory.mktemp("pictures")
    draw = np.random.default_rng(0)
    for folder, classes in (("pictures", 15), ("mine", 3), ("few", 1)):
        for number in range(classes):
            (tmp_path / folder / f"class{number}").mkdir(parents=True)
            base = draw.integers(0, 255, (4, 4, 3))
            for item in range(4):
                pixels = np.clip(base + draw.integers(-20, 20, base.shape), 0, 255).astype(np.uint8)
                picture = Image.fromarray(pixels).resize((16, 16), Image.Resampling.NEAREST)
                picture.save(tmp_path / folder / f"class{number}" / f"{item}.png")
    trained(
        tmp_path,
        """language 1
task pictures = fewshot {
  data = image_folder { path = "pictures", size = 8 }
  ways = 3
  shots = 1
  queries = 1
}
model net = mlp { hidden = [32] }
inner = prototypes {}
outer = adam { lr = 1e-3 }
train { iterations = 0 }
evaluate { tasks = 2 }
""",
    )
    for each in (tmp_path / "pictures").rglob("*.png"):  # what the run was made with is not needed any more
        each.unlink()
    return tmp_path


def test_pictures_on_the_command_line(pictures, capsys):
    """Three classes that differ in every colour: each new picture has its own class, from files of any form."""
    run, mine = str(pictures / "run"), pictures / "mine"
    found = learner(run)
    files = sorted(mine.rglob("*.png"))
    adapted = found.adapt([str(path) for path in files], [path.parent.name for path in files])
    with Image.open(files[0]) as opened:
        array = found.items([opened])[0]
    assert array.shape == (8, 8, 3) and array.dtype == np.uint8
    np.testing.assert_array_equal(array, found.items([files[0]])[0])
    np.testing.assert_allclose(adapted.outputs([array]), adapted.outputs([files[0]]))
    assert main(["predict", run, str(mine), "--labelled", str(mine), "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [max(row["probabilities"], key=row["probabilities"].get) for row in rows] == [f.parent.name for f in files]
    assert main(["predict", run, str(files[5]), "--labelled", str(mine)]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "adapted to 12 labelled pictures of 3 classes, 0 inner steps"
    assert told[-1].split()[:2] == [str(files[5]), "class1"]


def test_the_programs_of_the_pages(pictures, monkeypatch, capsys):
    """Those of the README and of docs/python.md, on these pictures."""
    monkeypatch.chdir(pictures)
    (pictures / "new").mkdir()
    for path in (pictures / "mine" / "class2").iterdir():
        (pictures / "new" / path.name).write_bytes(path.read_bytes())
    programs = [
        re.findall(r"```python\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL)
        for page in ("README.md", "docs/python.md")
    ]
    short, long = (next(each for each in found if "metaspec.learner" in each) for found in programs)
    exec(short.replace("runs/my", "run").replace("jpg", "png"), {})
    assert capsys.readouterr().out == f"{['class2'] * 4}\n"
    files = sorted((pictures / "mine").rglob("*.png"))
    names = {"metaspec": metaspec, "pictures": files, "names": [path.parent.name for path in files], "others": files}
    exec(long.replace("runs/my", "run"), names)
    assert names["adapted"].classes == ("class0", "class1", "class2")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["--labelled", "nowhere", "mine"], "nowhere is no folder"),
        (["--labelled", "mine", "nowhere"], "there is nothing at nowhere"),
        (["--labelled", "few", "mine"], "the items are of 1 class, and the model was trained to tell 3"),
        (["--labelled", "mine", "spec.meta"], "cannot be read as an image"),
        (["--labelled", "mine", "mine", "--steps", "-1"], "must be 0 or more"),
    ],
)
def test_what_cannot_be_predicted(pictures, capsys, monkeypatch, given, words):
    monkeypatch.chdir(pictures)
    assert main(["predict", "run", *given]) == 2
    assert words in capsys.readouterr().err


def test_items_that_do_not_fit(pictures):
    found = learner(pictures / "run")
    for items, targets, words in (
        ([np.zeros((4, 4, 3))], ["a"], r"shape \(4, 4, 3\), and the model takes \(8, 8, 3\)"),
        ([np.zeros((8, 8, 3))], ["a", "b"], "1 items and 2 targets"),
        ("one.png", ["a"], "items are a list"),
        ([], [], "there are no items"),
    ):
        with pytest.raises(ValueError, match=words):
            found.adapt(items, targets)


def test_runs_without_a_learner(tmp_path):
    text = "language 1\ntask bowl = problems { of = quadratic {}, instances = 2 }\n"
    text += "inner = adam { lr = learned(0.1), steps = 2 }\n"
    trained(
        tmp_path, text + "metagrad = unroll {}\nouter = adam {}\ntrain { iterations = 0 }\nevaluate { tasks = 2 }\n"
    )
    with pytest.raises(metaspec.RunError, match="E0715"):
        metaspec.learner(tmp_path / "run")
    with pytest.raises(metaspec.RunError, match="E0709"):
        metaspec.learner(tmp_path)

"""Example tasks in a report: computed by a worker, kept in the folder, and true."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

import metaspec
from metaspec.data.store import open_store
from metaspec.report.examples import examples as drawn
from metaspec.report.page import page
from metaspec.report.reading import read
from metaspec.runtime import test_tasks
from metaspec.runtime.examples import examples, shown_steps
from tests.cli.command import metaspec as metaspec_command

SINE = """language 1
task sine = sinusoid { shots = 5, queries = 4 }
model net = mlp { hidden = [8] }
inner     = maml { steps = 1, lr = 0.01 }
outer     = adam {}
train     { iterations = 3, tasks = 4 }
evaluate  { tasks = 1, steps = 2 }
"""


@pytest.fixture(scope="module")
def episode(run):
    return examples(run.plan, run.folder, run.parameters)


def test_episode_has_items_and_outputs_of_each_step(run, episode):
    steps = shown_steps(run.plan)
    assert steps == (0, 1, 2)
    assert episode["characters/support_inputs"].shape == (1, 2, 28, 28, 1)
    assert episode["characters/outputs"].shape == (len(steps), 1, 4, 2)


def test_they_are_kept(run, episode, folder):
    assert read(folder).examples.keys() == episode.keys()
    assert examples(run.plan, run.folder, {}).keys() == episode.keys()


def test_page_counts_what_is_right(run, episode):
    text = page(replace(run, examples=episode))
    assert text.count("data:image/png;base64,") == 5 * 2  # a task before and after, and the three worst, by class
    right = episode["characters/outputs"][-1, 0].argmax(-1) == episode["characters/query_targets"][0]
    assert f"{right.sum()} of 4 right" in text.partition("After 2 steps")[2]


def test_rows_have_the_names_of_their_classes(run, episode):
    """Those of the test part, and each in the row of its own items: the same drawing of another class differs."""
    task = run.plan.spec.tasks["characters"]
    source = task.data.source(None)
    items, table = open_store(source).items, source.table()
    names = {entry.name: number for number, entry in enumerate(table.classes)}
    for prefix in ("characters", "characters/worst 0"):
        rows = episode[f"{prefix}/class_names"].tobytes().decode().split("\n")
        assert len(set(rows)) == 2
        for way, name in enumerate(rows):
            first = table.offsets[names[name]]
            own = items[first : first + table.counts[names[name]]]
            assert any(np.array_equal(episode[f"{prefix}/support_inputs"][0, way], item) for item in own)
            assert f"<th>{name}</th>" in page(replace(run, examples=episode))


def test_without_the_data_there_is_a_page_and_a_warning(folder, tmp_path):
    place = tmp_path / "run"
    shutil.copytree(folder, place, ignore=shutil.ignore_patterns("examples.safetensors", "report.html"))
    plan = json.loads((place / "plan.json").read_bytes())
    gone = str(tmp_path / "gone")
    plan["spec"]["tasks"]["characters"]["data"] = {"kind": "image_folder", "path": gone, "size": 28, "color": "grey"}
    plan["tasks"][0]["location"] = gone
    (place / "plan.json").write_text(json.dumps(plan))
    made = metaspec_command("report", place)
    assert made.returncode == 0 and made.stdout.strip() == str(place / "report.html")
    assert "What was learned" in (place / "report.html").read_text()
    assert "warning[W0706]" in made.stderr and gone in made.stderr and "--no-examples" in made.stderr


def test_function_of_one_number_is_the_first_test_task(tmp_path):
    """With one task in the evaluation its loss is that of the example, from the example's own outputs."""
    (tmp_path / "sine.meta").write_text(SINE, encoding="utf-8")
    metaspec.run(tmp_path / "sine.meta", {"schedule": "pool { workers = 1 }"}, out=tmp_path / "run")
    run = read(tmp_path / "run")
    found = examples(run.plan, run.folder, run.parameters)
    outputs, targets = found["sine/outputs"][:, 0, :, 0], found["sine/query_targets"][0, :, 0]
    losses = np.mean(np.square(outputs - targets), axis=-1)
    np.testing.assert_allclose(losses, run.result.test.mean["query_loss"], rtol=1e-4)
    assert found["sine/line_outputs"].shape == (3, 1, len(found["sine/line"]))
    assert drawn(replace(run, examples=found)).count('<path class="line') >= 3


def test_worst_tasks_are_those_of_the_lowest_accuracy(run, episode):
    """Their outputs, computed again for the report, have the accuracy that the evaluation wrote down."""
    kept = test_tasks.load(run.folder.test_tasks)["accuracy"][:, -1]
    found = []
    for place in range(3):
        own = {name: episode[f"characters/worst {place}/{name}"] for name in ("outputs", "query_targets")}
        found.append(float((own["outputs"][-1].argmax(-1) == own["query_targets"]).mean()))
    np.testing.assert_allclose(found, np.sort(kept)[:3])
    assert "The worst tasks" in page(replace(run, examples=episode))

"""`metaspec simulate`: what it measures, and what it says where there is nothing to."""

import json
import os

import pytest

from metaspec.cli.main import main

SPEC = """language 1
task shapes = fewshot { data = glyphs { alphabets = 12, characters = 6, drawings = 4 }, ways = 2, shots = 1, queries = 1 }
model net = mlp { hidden = [4] }
inner = maml { steps = 1, lr = 0.1 }
outer = sgd { lr = 0.1 }
train { tasks = 8 }
schedule = SCHEDULE
"""


@pytest.mark.parametrize("schedule", ["inline", "pool { exchange = weights { copies = 3 } }"])
def test_measured_and_predicted(tmp_path, capsys, schedule):
    path = tmp_path / "shapes.meta"
    path.write_text(SPEC.replace("SCHEDULE", schedule))
    assert main(["simulate", str(path), "--workers", "1", "4", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    one, four = found["predictions"]
    assert [one["workers"], four["workers"]] == [1, 4]
    assert (
        four["seconds"] <= one["seconds"] * found["costs"]["crowded"]
    )  # workers side by side can cost what they bring
    assert found["costs"]["call"] + found["costs"]["task"] > 0 and found["costs"]["start"] > 0
    assert found["costs"]["crowded"] >= 1 and found["costs"]["cores"] == min(8, len(os.sched_getaffinity(0)))
    assert one["pieces"] == (3 if "weights" in schedule else 8)


@pytest.mark.parametrize(
    ("text", "options", "words"),
    [
        ("language 1\ntask sine = sinusoid\nmodel net = mlp\ninner = maml\nouter = adam\n", [], "stretches"),
        (SPEC.replace("SCHEDULE", "inline"), ["--workers", "0"], "1 or more"),
    ],
)
def test_nothing_to_simulate(tmp_path, capsys, text, options, words):
    path = tmp_path / "small.meta"
    path.write_text(text)
    assert main(["simulate", str(path), *options]) == 2
    assert words in capsys.readouterr().err

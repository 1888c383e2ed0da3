"""Runs to report on: a real one, quick, and what its folder looks like before it is finished."""

import shutil

import pytest

import metaspec
from metaspec.report.reading import read

SPEC = """language 1
task characters = fewshot {
  data = glyphs { alphabets = 4, characters = 4, drawings = 5, split = alphabets { validation = 1, test = 1 } }
  ways = 2, shots = 1, queries = 2
}
model net = conv4 { filters = 4 }
inner     = maml { lr = learned(0.4, per = layer, scale = log) }
outer     = adam { lr = 1e-3 }
train     { iterations = 4, tasks = 4 }
evaluate  { every = 2, tasks = 10, steps = 2 }
expect    { accuracy >= 0.0, query_loss < 0.0, source = "nobody & <nowhere>" }
"""


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """The folder of a finished run of characters."""
    place = tmp_path_factory.mktemp("report")
    (place / "small.meta").write_text(SPEC, encoding="utf-8")
    metaspec.run(place / "small.meta", {"train.seed": 3, "schedule": "pool { workers = 1 }"}, out=place / "run")
    return place / "run"


@pytest.fixture(scope="session")
def run(folder):
    return read(folder)


@pytest.fixture
def unfinished(folder, tmp_path):
    """The same run, as it lay there while it was going on: its last line half written."""
    place = tmp_path / "unfinished"
    shutil.copytree(folder, place)
    for name in ("result.json", "parameters.safetensors"):
        (place / name).unlink()
    with (place / "metrics.jsonl").open("a") as file:
        file.write('{"iteration": 5, "query_')
    return place

"""Sweeps as runs: every point once, finished ones only read, mistakes found before the first run."""

import json

import pytest

from metaspec.cli.main import main
from metaspec.diagnostics import SpecError
from metaspec.resolve import resolve
from metaspec.source import Source
from metaspec.sweep import chosen, points

SPEC = """language 1
task sine = sinusoid {}
model net = mlp { hidden = [4] }
inner = maml {}
outer = adam {}
train { iterations = 3, tasks = 2 }
evaluate { tasks = 4 }
sweep rates { grid { outer.lr = [0.1, 0.001] } }
"""


def test_points_in_order():
    found = list(points(resolve(Source("swept", SPEC))))
    assert [point.settings for point in found] == [(("outer.lr", "0.1"),), (("outer.lr", "0.001"),)]
    assert [point.resolved.required().outer.lr for point in found] == [0.1, 0.001]


@pytest.mark.parametrize(
    ("text", "name", "word"),
    [
        (SPEC, "rate", "there is no sweep `rate`"),
        (SPEC.replace("sweep rates { grid { outer.lr = [0.1, 0.001] } }", ""), None, "there is no sweep"),
        (SPEC + "sweep more { grid { train.seed = 0..1 } }\n", None, "several"),
    ],
)
def test_which_sweep(text, name, word):
    with pytest.raises(SpecError) as caught:
        chosen(resolve(Source("swept", text)), name)
    assert word in caught.value.diagnostics[0].message


def test_every_point_runs_once(tmp_path, capsys):
    spec = tmp_path / "swept.meta"
    spec.write_text(SPEC)
    assert main(["sweep", str(spec), "--out", str(tmp_path / "runs"), "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["outer.lr"] for row in rows] == ["0.1", "0.001"]
    assert rows[0]["query_loss"] != rows[1]["query_loss"]
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "runs").rglob("result.json")}
    assert main(["sweep", str(spec), "--out", str(tmp_path / "runs")]) == 0
    assert len(before) == 2 and all(path.stat().st_mtime_ns == time for path, time in before.items())
    table = capsys.readouterr().out.splitlines()
    assert table[0].split() == ["point", "outer.lr", "query_loss"] and len(table) == 3

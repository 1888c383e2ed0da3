"""Sweeps as runs: every point once, finished ones only read, mistakes found before the first run."""

import json
import signal
import subprocess
import sys

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
    rows = json.loads(capsys.readouterr().out)["points"]
    assert [row["outer.lr"] for row in rows] == [0.1, 0.001]
    assert rows[0]["query_loss"] != rows[1]["query_loss"]
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "runs").rglob("result.json")}
    assert main(["sweep", str(spec), "--out", str(tmp_path / "runs")]) == 0
    assert len(before) == 2 and all(path.stat().st_mtime_ns == time for path, time in before.items())
    table = capsys.readouterr().out.splitlines()
    assert table[0].split() == ["point", "outer.lr", "query_loss"] and len(table) == 3


DIVERGING = SPEC.replace("outer.lr = [0.1, 0.001]", "inner.lr = [0.01, 1e9, 0.02], train.seed = 0..1")


def test_a_point_that_diverges_does_not_end_the_others(tmp_path, capsys):
    spec, out = tmp_path / "swept.meta", tmp_path / "runs"
    spec.write_text(DIVERGING)
    assert main(["sweep", str(spec), "--out", str(out)]) == 3
    shown = capsys.readouterr()
    rows = shown.out.splitlines()[1:7]
    ends = [json.loads((out / f"point-{k}/events.jsonl").read_text().splitlines()[-1]) for k in (2, 3)]
    for row, end in zip(rows[2:4], ends, strict=True):
        (at,) = [int(word) for word in row.split("diverged at ")[1:]]
        assert f"at meta-iteration {at}," in end["message"]
    assert all("±" in row and "diverged" not in row for row in (*rows[:2], *rows[4:]))
    assert "means over 2 seeds" in shown.out and shown.out.count("inner.lr = 1e9") == 1
    assert "not in the means: inner.lr = 1e9 with train.seed = 0 (diverged at " in shown.out
    assert "point 5 of 0..5: inner.lr = 0.02, train.seed = 1" in shown.err
    assert f"point 2 {rows[2].split('  ')[-1].strip()}: {ends[0]['message']}" in shown.err
    # The same sweep again tries none of them, and another plan at such a point is told of by its values.
    times = {path: path.stat().st_mtime_ns for path in out.rglob("events.jsonl") if path.parent.name[-1] in "23"}
    assert main(["sweep", str(spec), "--out", str(out), "--json"]) == 3
    found = json.loads(capsys.readouterr().out)
    assert [row["inner.lr"] for row in found["points"]] == [0.01, 0.01, 1e9, 1e9, 0.02, 0.02]
    assert [type(row["train.seed"]) for row in found["points"]] == [int] * 6
    assert len(times) == 2 and all(path.stat().st_mtime_ns == time for path, time in times.items())
    means = found["over_seeds"]
    assert [(each["seeds"], each["left_out"]) for each in means] == [(2, 0), (0, 2), (2, 0)]
    losses = [row["query_loss"] for row in found["points"][4:]]
    assert means[2]["test"][-1]["mean"] == pytest.approx(sum(losses) / 2)
    spec.write_text(DIVERGING.replace("1e9", "1e8"))
    assert main(["sweep", str(spec), "--out", str(out)]) == 3
    shown = capsys.readouterr()
    message = shown.err
    assert shown.out.splitlines()[2].startswith("1 ") and "inner.lr = 0.01 " in shown.out  # what ran before is shown
    assert "point 2 (inner.lr = 1e8, train.seed = 0): " in message and "error[E0704]" in message
    assert f"delete or move {out / 'point-2'}" in message and "resume with the spec as it was" not in message


def test_a_sweep_that_is_interrupted_says_how_it_goes_on(tmp_path):
    spec = tmp_path / "swept.meta"
    spec.write_text(SPEC.replace("iterations = 3", "iterations = 1_000_000"))
    command = [sys.executable, "-m", "metaspec", "sweep", str(spec), "--out", str(tmp_path / "a b"), "-s", "outer.lr=1"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        for line in process.stderr:
            if "/1000000  " in line:
                process.send_signal(signal.SIGINT)
                break
        message = process.stderr.read()
    assert process.returncode == 130
    assert "point 0 (outer.lr = 0.1): stopped by SIGINT" in message and "--resume" not in message
    assert f"`metaspec sweep {spec} -s outer.lr=1 --out '{tmp_path / 'a b'}'` goes on here" in message


METHODS = SPEC.replace("grid { outer.lr = [0.1, 0.001] }", "list inner { maml {} reptile { steps = 2 } }")


@pytest.mark.slow
def test_points_that_differ_in_more_than_their_axes_are_told_of(tmp_path, capsys):
    spec = tmp_path / "swept.meta"
    spec.write_text(METHODS)
    assert main(["sweep", str(spec), "--out", str(tmp_path / "runs")]) == 0
    line = capsys.readouterr().out.splitlines()[3]
    assert line == (
        "point 1 differs in more than the axes: `inner = reptile` of `sweep rates` brings `outer = sgd`, "
        "in the place of the `outer = adam` of the file"
    )


def test_the_plan_of_a_point_says_what_it_sets(tmp_path, capsys):
    spec = tmp_path / "swept.meta"
    spec.write_text(METHODS)
    assert main(["plan", str(spec), "--point", "1"]) == 0
    shown = capsys.readouterr()
    assert shown.out.startswith("point     1 of 0..1 of sweep rates: inner = reptile { steps = 2 }\nrun ")
    assert "note[N0103]" in shown.err

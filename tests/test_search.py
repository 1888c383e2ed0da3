"""A search runs its trials: the same ones again for the same seed, scored on validation tasks, finished ones only read."""

import json

import pytest

from metaspec import search as module
from metaspec.cli.main import main
from metaspec.diagnostics import SpecError
from metaspec.resolve import resolve
from metaspec.search import Trial, best, draw, new_study, search
from metaspec.source import Source
from metaspec.spec.blocks import Search
from metaspec.sweep import Point

SPEC = """language 1
task sine = sinusoid {}
model net = linear {}
inner = sgd { init = learned(glorot_uniform), steps = 1, lr = 0.01 }
metagrad = unroll {}
outer = sgd { lr = 0.1 }
train { iterations = 2, tasks = 2 }
evaluate { tasks = 4 }
sweep rates {
  search { outer.lr = loguniform(1e-3, 0.3), inner.steps = uniform(1, 3), trials = 2, objective = minimize(query_loss) }
}
"""


@pytest.fixture
def optuna():
    return pytest.importorskip("optuna", reason="the extra `sweep` is not installed")


def trials(text, folder, **options):
    return list(search(resolve(Source("searched", text)), out=folder, **options))


def test_same_seed_same_trials_and_finished_ones_are_read(optuna, tmp_path):
    first = trials(SPEC, tmp_path)
    times = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("result.json")}
    (tmp_path / "point-1" / "result.json").unlink()  # as if interrupted in the last one
    again = trials(SPEC, tmp_path)
    assert [each.point.settings for each in again] == [each.point.settings for each in first]
    assert [each.score for each in again] == [each.score for each in first]
    assert [path.parent.name for path, time in times.items() if path.stat().st_mtime_ns != time] == ["point-1"]
    # The score is the figure on the validation tasks, and not that on the test tasks.
    lines = [json.loads(line) for line in (first[0].folder / "metrics.jsonl").read_text().splitlines()]
    figures = {line["split"]: line["mean"]["query_loss"][-1] for line in lines if "split" in line}
    assert first[0].score == figures["validation"] != figures["test"] == first[0].result.test.mean["query_loss"][-1]


def drawn(text):
    """What the first twelve trials set where all have the same score."""
    resolved = resolve(Source("searched", text))
    study, wanted = new_study("rates", resolved), resolved.required().sweeps["rates"].search
    found = []
    for _ in range(12):
        asked, settings = draw(study, wanted)
        study.tell(asked, 1.0)
        found.append(settings)
    return found


@pytest.mark.parametrize("sampler", ["tpe", "random"])
def test_what_is_drawn_follows_the_seed(optuna, sampler):
    text = SPEC.replace("trials = 2", f"trials = 2, sampler = {sampler}")
    found = drawn(text)
    assert found == drawn(text) != drawn(text.replace("tasks = 2 }", "tasks = 2, seed = 1 }"))
    rates, steps = [float(dict(each)["outer.lr"]) for each in found], [dict(each)["inner.steps"] for each in found]
    assert all(1e-3 <= rate <= 0.3 for rate in rates) and len(set(rates)) == 12
    assert set(steps) == {"1", "2", "3"}


def test_without_meta_iterations(optuna, tmp_path):
    text = SPEC.replace("iterations = 2", "iterations = 0").replace("trials = 2", "trials = 1")
    (trial,) = trials(text.replace("learned(glorot_uniform)", "glorot_uniform"), tmp_path)
    assert trial.result.iterations == 0 and trial.score is not None


def test_what_diverges_is_the_worst_and_is_not_run_again(optuna, tmp_path):
    text = SPEC.replace("loguniform(1e-3, 0.3)", "[1e-3, 1e37]")
    text = text.replace("iterations = 2", "iterations = 3").replace("trials = 2", "trials = 4, sampler = random")
    text = text.replace("inner.steps = uniform(1, 3), ", "")
    found = trials(text, tmp_path)
    diverged = [each for each in found if each.score is None]
    assert 0 < len(diverged) < 4 and all(dict(each.point.settings)["outer.lr"] == "1e37" for each in diverged)
    times = {each.folder: (each.folder / "events.jsonl").stat().st_mtime_ns for each in diverged}
    assert [each.score for each in trials(text, tmp_path)] == [each.score for each in found]
    assert all((folder / "events.jsonl").stat().st_mtime_ns == time for folder, time in times.items())
    search_of = resolve(Source("searched", text)).required().sweeps["rates"].search
    assert best(found, search_of).score == min(each.score for each in found if each.score is not None)


def test_table_and_json(optuna, tmp_path, capsys):
    path = tmp_path / "searched.meta"
    path.write_text(SPEC)
    assert main(["sweep", str(path), "--out", str(tmp_path / "runs"), "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    scores = [row["validation query_loss"] for row in shown["trials"]]
    assert shown["best"]["validation query_loss"] == min(scores) and shown["best"]["query_loss"] > 0
    assert all("query_loss" not in row for row in shown["trials"])  # test figures are not to choose by
    assert main(["sweep", str(path), "--out", str(tmp_path / "runs")]) == 0
    table = capsys.readouterr().out.splitlines()
    assert table[0].split() == ["point", "outer.lr", "inner.steps", "validation", "query_loss"]
    assert table[4] == f"best of 2 by the query_loss on the validation tasks: point {scores.index(min(scores))}"
    assert table[-1].startswith("on the test tasks: query_loss ")
    command = (tmp_path / "runs" / "point-1" / "command.txt").read_text()
    assert f"-s outer.lr={shown['trials'][1]['outer.lr']}" in command and "--point" not in command


def test_without_optuna(monkeypatch, tmp_path):
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    with pytest.raises(SpecError) as caught:
        trials(SPEC, tmp_path)
    (message,) = caught.value.diagnostics
    assert message.code == "E0602" and message.span.line == 9
    assert message.help[0] == '`pip install "metaspec[sweep]"` brings it'


def test_the_best_trial_is_the_earliest_of_equals():
    def trial(number, score):
        return Trial(Point(number, (), None), None, None, score, None)

    found = [trial(0, 0.5), trial(1, None), trial(2, 0.2), trial(3, 0.2), trial(4, 0.9)]
    assert best(found, Search(space=(), direction="minimize")).point.number == 2
    assert best(found, Search(space=(), direction="maximize")).point.number == 4
    assert best([trial(0, None)], Search(space=())) is None

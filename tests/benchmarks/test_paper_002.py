"""The lecture's applications in their quick form: every row is a spec that resolves, and figures are read as they are."""

from pathlib import Path

import pytest

from benchmarks import paper_002, paper_002_parts, paper_002_runs, paper_002_search
from benchmarks.paper_002_runs import SEEDS, over_seeds, verdict
from metaspec import api


class Rows(Exception):
    """Carries the rows of a part instead of running them."""


def rows_of(part, monkeypatch, module):
    """The rows that a part would run first."""

    def caught(out, rows, *others, **options):
        raise Rows(rows)

    monkeypatch.setattr(module, "trained", caught)
    with pytest.raises(Rows) as found:
        part(Path("nowhere"), False)
    return found.value.args[0]


@pytest.mark.parametrize("problem", [paper_002_search.DIGITS, paper_002_search.LSTM], ids=lambda each: each.name)
def test_every_learning_row_is_a_right_spec(problem):
    plans = {
        row.name: api.plan(row.spec, [*row.settings, *paper_002_search.QUICK[problem.name]])
        for row in paper_002_search.learning_rows(problem, quick=False)
    }
    sizes = {name: sum(each.size for each in plan.meta) for name, plan in plans.items()}
    whole = sum(each.size for each in plans["20 Neumann terms"].parameters)
    assert sizes["0 terms, none"] == 0 and sizes["20 Neumann terms"] == sizes["3 unrolled steps"] == whole
    assert sizes["20 terms, per layer"] == len({each.layer for each in plans["0 terms, none"].parameters})
    assert all(plan.evaluation_steps == plans["0 terms, none"].evaluation_steps for plan in plans.values())


@pytest.mark.parametrize("name", ["distillation", "loss", "augmentation", "architecture", "evolution"])
def test_every_first_row_is_a_right_spec(name, monkeypatch):
    rows = rows_of(paper_002.PARTS[name], monkeypatch, paper_002_parts)
    assert len({row.folder for row in rows}) == len(rows)
    for row in rows:
        assert api.plan(row.spec, row.settings).spec.train.seed in SEEDS


@pytest.mark.parametrize("name,spec,overrides", paper_002_parts.SETS, ids=lambda each: str(each)[:20])
def test_every_training_set_is_a_right_spec(name, spec, overrides):
    (task,) = api.plan(paper_002_runs.SHIPPED / f"{spec}.meta", list(overrides)).tasks
    assert task.support == (1079 if name == "all digits" else 10)


@pytest.mark.parametrize("spec,places", paper_002_parts.SPACES.items())
def test_a_found_architecture_is_trained_anew(spec, places):
    row = paper_002_parts.anew(spec, "anew", f"fixed_ops {{ ops = [{', '.join(['tanh'] * places)}] }}", 1)
    plan = api.plan(row.spec, row.settings)
    (model,) = plan.spec.models.values()
    assert plan.meta == () and model.places == places == len(model.architecture.ops)


@pytest.mark.parametrize("many", [False, True])
def test_evolution_has_as_many_inner_loops_as_back_propagation(many):
    plans = {
        name: api.plan(row.spec, row.settings)
        for name, row in paper_002_parts.evolution_rows(many, generations=2).items()
    }
    loops = {name: plan.spec.train.iterations * plan.tasks_per_iteration for name, plan in plans.items()}
    runs = {"es": 2 * plans["es"].spec.metagrad.particles, "elite": plans["elite"].spec.outer.particles}
    assert loops["back-propagation"] == loops["es"] * runs["es"] == loops["elite"] * runs["elite"]
    assert sum(each.size for each in plans["es"].meta) == (1_761 if many else 2)


def test_the_interval_over_seeds_is_students():
    figure = over_seeds([1.0, 2.0, 3.0])
    assert figure.mean == 2.0 and figure.half_width == pytest.approx(4.303 / 3**0.5)


def test_verdicts():
    less, more = [1.0, 1.1, 1.0], [2.0, 2.2, 2.0]
    assert verdict(less, more, lower_is_better=True).startswith(
        "the learned one does better: difference -1.033 ± 0.143"
    )
    assert verdict(less, more, lower_is_better=False).startswith("the plain one does better")
    assert verdict(more, less, lower_is_better=False).endswith("ahead with 3 of 3 seeds")
    assert verdict([1.0, 3.0, 1.0], [2.0, 2.1, 1.9], lower_is_better=True).startswith("not told apart")
    assert verdict([1.0], [2.0], lower_is_better=True).startswith("not told apart: difference -1.000;")


@pytest.mark.slow
def test_the_quick_form_prints_its_tables(tmp_path, capfd):
    pytest.importorskip("optuna", reason="the extra `sweep` is not installed")
    assert paper_002.main(["--quick", "--out", str(tmp_path), "--only", "digits"]) == 0
    said = capfd.readouterr().out
    assert all(word in said for word in ("0 terms, none", "20 Neumann terms", "Bayesian search", "grid search"))

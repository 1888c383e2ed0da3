"""The thesis's experiments in their quick form: every row is a spec that resolves, and a page comes out."""

import pytest

from benchmarks import paper_001
from benchmarks.paper_001_duration import THESIS
from benchmarks.paper_001_page import Line, document, text
from benchmarks.paper_001_rows import RATIOS, SPECS, Row, Table, tables
from metaspec import api
from metaspec.plan.copies import exchange_of_weights
from metaspec.report.reading import read

ROWS = {f"{table.name}: {row.name}": (table, row) for table in tables() for row in table.rows}


@pytest.mark.parametrize(("table", "row"), ROWS.values(), ids=ROWS)
def test_every_row_is_a_right_spec(table, row):
    """Seen tasks of a run (meta-iteration) are those of the thesis's Table 6.2: 32 times the ratio."""
    plan = api.plan(str(SPECS / f"{table.spec}.meta"), [*row.overrides, *paper_001.QUICK[table.spec]])
    exchange = exchange_of_weights(plan.spec)
    assert plan.tasks_per_iteration == plan.spec.train.tasks * exchange.copies * exchange.epochs
    assert plan.tasks_per_iteration == (25 if table.spec == "sinusoid" else 32) * row.ratio


def test_rows_of_one_run_are_the_same():
    runs = {}
    for table, row in ROWS.values():
        assert runs.setdefault(row.run, (table.spec, row.overrides)) == (table.spec, row.overrides)


def test_the_factors_of_table_6_2_are_there():
    by_name = {table.name: table for table in tables()}
    for name in ("copies", "sinusoids", "epochs", "tasks"):
        assert [row.ratio for row in by_name[name].rows] == list(RATIOS)
    assert {row.ratio for row in by_name["two together"].rows} == {16}
    assert all(tuple(column) == RATIOS for column in THESIS.values())


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """Two seeds of a small run."""
    out = tmp_path_factory.mktemp("runs")
    spec = out / "small.meta"
    spec.write_text(
        "language 1\ntask sine = sinusoid {}\nmodel net = mlp { hidden = [4] }\ninner = maml {}\nouter = adam {}\n"
        "train { iterations = 4, tasks = 2 }\nevaluate { tasks = 4, every = 2, steps = 2 }\n"
    )
    return [
        read(api.run(str(spec), [f"train.seed={seed}", "schedule=inline"], out=out / f"{seed}").folder)
        for seed in (1, 2)
    ]


def test_the_page(small):
    lines = [Line(Row("both seeds", "a", ()), tuple(small)), Line(Row("the first", "b", ()), tuple(small[:1]))]
    table = Table("small", "Figure 0", (), "nothing")
    said = list(text(table, lines))
    assert "query loss on validation tasks after 2 inner steps, 2 seeds with 95 % intervals" in said[0]
    assert "after 2" in said[1] and "after 4" in said[1]
    ends = [run.evaluations[-2]["mean"]["query_loss"][-1] for run in small]
    assert f"{sum(ends) / 2:.3f} ± " in said[2] and said[2].split()[-1] == "2"
    levels = [line.level for line in lines]
    assert said[-1].endswith("; ".join(["both seeds", "the first"][:: 1 if levels[0] < levels[1] else -1]))
    page = document([(table, lines)], said, "a processor")
    assert page.count("<svg") == 1 and "Thesis: nothing." in page and "band" in page


@pytest.mark.slow
def test_the_quick_form_prints_its_tables(tmp_path, capfd):
    chosen = [word for name in ("reduce", "duration") for word in ("--only", name)]
    assert paper_001.main(["--quick", "--seeds", "1", "--out", str(tmp_path), *chosen]) == 0
    said = capfd.readouterr().out
    assert "Gradient mean and gradient sum" in said and "measured" in said and "here, best first" in said

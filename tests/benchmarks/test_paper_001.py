"""The thesis's experiments in their quick form: every row is a spec that resolves, and a table comes out."""

import pytest

from benchmarks import paper_001
from metaspec import api
from metaspec.plan.copies import exchange_of_weights

SPEC = str(paper_001.SPECS / "characters.meta")


@pytest.mark.parametrize("row", paper_001.rows(paper_001.RATIOS), ids=lambda row: row.folder)
def test_every_row_is_a_right_spec(row):
    plan = api.plan(SPEC, [*row.overrides, *paper_001.QUICK])
    exchange = exchange_of_weights(plan.spec)
    tasks = plan.spec.train.tasks * exchange.copies * exchange.epochs
    assert plan.tasks_per_iteration == tasks
    if row.table == "two together":
        assert tasks == 512  # the same tasks are seen, whichever two are scaled
    if row.table in ("copies", "epochs"):
        assert tasks == 32 * int(row.name)


@pytest.mark.slow
def test_the_quick_form_prints_its_tables(tmp_path, capfd):
    assert paper_001.main(["--quick", "--out", str(tmp_path), "--only", "reduce", "--only", "duration"]) == 0
    said = capfd.readouterr().out
    assert "reduce: validation accuracy after 3 steps" in said and "100%  measured" in said

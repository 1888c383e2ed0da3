"""Means over seeds and their intervals, held against values worked out by hand."""

import pytest

from metaspec.cli.main import main
from metaspec.report.adaptation import Figure
from metaspec.report.over_seeds import interval, spread, table


def test_an_interval_of_three_is_that_of_student():
    """t(0.975, 2 degrees of freedom) = 4.3027; the deviation of 1, 2, 3 is 1."""
    found = interval([1.0, 2.0, 3.0])
    assert found.mean == 2.0 and found.half == pytest.approx(4.302653 / 3**0.5, rel=1e-6)


def test_what_has_no_interval():
    assert interval([0.5]) == Figure(0.5, None)
    assert interval([0.5, None]) == Figure(None, None)
    assert interval([0.5, float("inf")]) == Figure(None, None)


def test_the_first_and_the_last_are_always_shown():
    assert spread(range(100), 5) == [0, 25, 50, 74, 99]
    assert spread([3, 4], 5) == [3, 4]


def test_numbers_of_interest_are_shown_whatever_the_room():
    """Eight steps, trained with one: 1 was left out before."""
    assert len(spread(range(9), 6, {0, 1})) == 6 and {0, 1, 8} <= set(spread(range(9), 6, {0, 1}))
    assert len(spread(range(9), 6, {0, 1, 5})) == 6 and {0, 1, 5, 8} <= set(spread(range(9), 6, {0, 1, 5}))
    assert spread(range(100), 3, {0, 1, 5}) == [0, 1, 5, 99]


def test_columns_that_are_left_out_are_told_of():
    rows = {"a": {step: Figure(float(step), None) for step in range(9)}}
    head, _, note = table("loss after", "{} inner steps", rows, {0, 1})
    assert "  1 inner steps" in head
    assert note == "(3 of 9 numbers of inner steps have no column; `--json` has all)"


def test_only_numbers_that_all_rows_have():
    rows = {"a": {0: Figure(1.0, None), 2: Figure(2.0, 0.1)}, "b": {2: Figure(3.0, None)}}
    assert [line.split() for line in table("loss after", "{} steps", rows)] == [
        ["loss", "after", "2", "steps"],
        ["a", "2.0000", "±", "0.1000"],
        ["b", "3.0000"],
    ]


SPEC = """language 1
task sine = sinusoid {}
model net = mlp { hidden = [4] }
inner = maml {}
outer = adam {}
train { iterations = 4, tasks = 2 }
evaluate { tasks = 4, every = 2, steps = 2 }
sweep rates { grid { outer.lr = [0.1, 0.001], train.seed = 0..1 } }
"""


def test_a_sweep_over_seeds_prints_intervals_over_them(tmp_path, capsys):
    """By inner step on the test tasks, and by meta-iteration on the validation tasks; each the mean of two points."""
    spec = tmp_path / "swept.meta"
    spec.write_text(SPEC)
    assert main(["sweep", str(spec), "--out", str(tmp_path / "runs")]) == 0
    lines = capsys.readouterr().out.splitlines()
    losses = [float(line.split()[3]) for line in lines[1:3]]
    after = lines.index("means over 2 seeds, 95 % intervals") + 1
    assert "query loss on test tasks after" in lines[after] and "2 inner steps" in lines[after]
    row = lines[after + 1]
    assert row.startswith("outer.lr = 0.1 ") and row.count("±") == 3
    assert float(row.split()[-3]) == pytest.approx(sum(losses) / 2, abs=1e-4)
    assert "query loss on validation tasks, 2 inner steps, after" in lines[after + 4]
    assert "4 meta-iterations" in lines[after + 4] and lines[after + 6].startswith("outer.lr = 0.001")

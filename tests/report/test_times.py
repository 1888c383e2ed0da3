"""What the time of a run went to, in one line."""

from metaspec.report.summary import render
from metaspec.report.times import spent


def test_the_pace_is_that_of_the_training_that_stands_beside_it(run):
    result = run.result.model_copy(
        update={"iterations": 80, "seconds": 44.2, "training_seconds": 25.6, "tasks_per_second": 50.0}
    )
    assert (
        spent(result)
        == "44 s: 26 s of training at 50 training tasks per second, 18 s of start, compiling and evaluation"
    )


def test_a_run_without_training_has_no_pace(run):
    result = run.result.model_copy(update={"iterations": 0, "training_seconds": 0.0, "tasks_per_second": 0.0})
    assert "training" not in spent(result)


def test_the_summary_ends_with_it(run, folder):
    assert spent(run.result).replace("±", "") in render(run, folder / "report.html")

from metaspec.plan.tally import Tally


def test_each_mean_is_over_the_tasks_that_report_it():
    tally = Tally()
    tally.add({"query_loss": 3.0, "accuracy": 1.0}, 2)
    tally.add({"query_loss": 5.0}, 2)
    assert tally.means() == {"query_loss": 2.0, "accuracy": 0.5}
    assert Tally().means() == {}

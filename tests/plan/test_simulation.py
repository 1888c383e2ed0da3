"""The simulator against what can be said by hand."""

from math import ceil

import pytest

from metaspec.plan.simulation import Costs, best_size, cut, simulate

FREE = Costs(call=0.0, task=1.0, broadcast=0.0, answer=0.0, update=0.0, start=5.0)


@pytest.mark.parametrize(("pieces", "workers"), [(8, 1), (8, 2), (8, 3), (8, 8), (8, 20), (1, 4)])
def test_equal_pieces_without_exchange(pieces, workers):
    found = simulate(FREE, (2,) * pieces, workers)
    rounds = ceil(pieces / workers)
    assert found.seconds == pytest.approx(2.0 * rounds)
    assert found.idle == pytest.approx(1 - pieces / (rounds * workers)) and found.repeated == 0


def test_the_update_holds_up_every_worker():
    found = simulate(FREE._replace(update=2.0), (1,) * 4, 2)
    assert found.seconds == pytest.approx(4.0) and found.idle == pytest.approx(0.5)


def test_one_driver_bounds_any_number_of_workers():
    """A broadcast and an answer for each piece, one after another: the speed-up cannot pass it."""
    costs = FREE._replace(task=0.1, broadcast=0.01, answer=0.01)
    found = simulate(costs, (1,) * 100, 100)
    assert found.seconds == pytest.approx(100 * 0.02, abs=0.1)
    assert found.driver > 0.9


def test_the_answer_is_read_while_others_compute():
    """Two pieces for one worker: its second begins when its first answer has been read."""
    found = simulate(FREE._replace(answer=0.25, broadcast=0.5), (1, 1), 1)
    assert found.seconds == pytest.approx(0.5 + 1 + 0.25 + 1 + 0.25)


def test_lost_workers_cost_what_they_computed_and_their_replacement():
    """Failures of one in ten seconds, pieces of one second: the expected loss of a memoryless failure, by hand.

    A piece takes t = 1 of work, is interrupted at rate r = 0.1 and begun anew: expected work until done (e^(rt) - 1) / r.
    """
    found = simulate(FREE, (1,) * 4, 4, iterations=4000, failures=360.0)
    expected = (2.718281828459045**0.1 - 1) / 0.1
    assert found.repeated == pytest.approx(1 - 1 / expected, abs=0.003)
    chance = 1 - 2.718281828459045**-0.4  # that one of four is lost in a round
    assert 1 + chance < found.seconds < 1 + chance * 6  # done again by another, or after the replacement


def test_workers_on_the_same_machine_slow_each_other_down():
    """From a core to itself to all of them, in a straight line; a worker more has a machine of its own to crowd."""
    costs = FREE._replace(cores=3, crowded=1.5)
    found = [simulate(costs, (1,) * 12, workers).seconds for workers in (1, 2, 3, 6)]
    assert found == pytest.approx([12.0, 6 * 1.25, 4 * 1.5, 2 * 1.5])


def test_equal_seeds_give_equal_predictions():
    costs = FREE._replace(spread=(0.8, 1.0, 1.5))
    assert simulate(costs, (1,) * 9, 4, failures=60) == simulate(costs, (1,) * 9, 4, failures=60)


def test_best_size_weighs_calls_against_idle_workers():
    """Calls that cost nothing favour as many pieces as workers; dear ones favour few."""
    assert best_size(FREE, 64, 16).pieces == 16
    assert best_size(FREE._replace(call=20.0), 64, 1).pieces == 1
    assert sum(cut(10, 4)) == 10 and max(cut(10, 4)) - min(cut(10, 4)) == 1

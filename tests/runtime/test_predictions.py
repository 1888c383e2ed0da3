"""The simulator beside real runs, whose shards sleep: what is held against it is its idea of a pool, on any machine.

`pytest -s -m slow tests/runtime/test_predictions.py` prints predictions and measurements.
"""

import time
from itertools import pairwise

import pytest
from small_plan import small_plan

from metaspec.cli.simulate import pieces_of
from metaspec.plan.simulation import simulate
from metaspec.runtime.events import Iterated
from metaspec.runtime.measuring import measure

ITERATIONS = 10
PROGRAM = {"factory": "numpy_program:Sleeping", "preload": ("numpy_program",)}


@pytest.mark.slow
def test_a_meta_iteration_takes_as_long_as_predicted(run_small, tmp_path):
    """Five shards on one, two, three and five workers: five, three, two rounds and one, of 200 ms each."""
    plan = small_plan(1)
    costs = measure(plan, tmp_path / "cache", **PROGRAM)
    assert costs.call + 3 * costs.task >= 0.2
    print(f"\n{'workers':>7}{'predicted':>11}{'measured':>10}{'measured / predicted':>22}")
    for workers in (1, 2, 3, 5):
        options = {"train": {"iterations": ITERATIONS}, "evaluate": {"every": None, "keep": "last"}}
        ends: list[float] = []
        sinks = (lambda event, ends=ends: isinstance(event, Iterated) and ends.append(time.monotonic()),)
        run_small(workers, folder=tmp_path / f"{workers}", program="Sleeping", sinks=sinks, **options)
        measured = min(later - earlier for earlier, later in pairwise(ends))  # the one that nothing else disturbed
        predicted = simulate(costs, pieces_of(plan), workers).seconds
        print(f"{workers:>7}{predicted:>11.3f}{measured:>10.3f}{measured / predicted:>22.2f}")
        assert measured == pytest.approx(predicted, rel=0.1)

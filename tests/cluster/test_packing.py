"""Packing against every possible packing, and its bounds where there are too many to try."""

from itertools import product
from random import Random

import pytest

from metaspec.cluster.packing import EXACT, branch_and_bound, canonical, loads, lpt, makespan, multifit, pack


def best_of_all(lengths, groups):
    """The shortest makespan over all groups ** items ways."""
    shortest = float("inf")
    for places in product(range(groups), repeat=len(lengths)):
        totals = [0.0] * groups
        for length, place in zip(lengths, places, strict=True):
            totals[place] += length
        shortest = min(shortest, max(totals))
    return shortest


def holds_each_once(packing, items):
    return sorted(item for group in packing for item in group) == list(range(items))


@pytest.mark.parametrize("case", range(60))
def test_up_to_twelve_it_is_an_optimum(case):
    draw = Random(case)
    groups = draw.randint(1, 4)
    items = draw.randint(0, 8 if groups > 2 else 12)
    # Whole numbers tie often, which is where a search goes wrong; a heavy one stands for a family like no other.
    lengths = [draw.choice((draw.randint(1, 9), draw.uniform(0, 5), 20, 0)) for _ in range(items)]
    found = pack(lengths, groups)
    assert holds_each_once(found, items) and len(found) == groups
    assert makespan(lengths, found) == pytest.approx(best_of_all(lengths, groups), rel=1e-12, abs=1e-12)


def test_the_search_beats_lpt_where_lpt_is_known_to_fail():
    lengths = [5, 5, 4, 4, 3, 3, 3]  # Graham's worst case for three groups: LPT 11, optimum 9
    assert makespan(lengths, lpt(lengths, 3)) == 11
    assert makespan(lengths, pack(lengths, 3)) == 9


@pytest.mark.parametrize("case", range(40))
def test_beyond_twelve_within_the_bound_and_no_worse_than_either(case):
    draw = Random(case)
    groups = draw.randint(2, 6)
    lengths = [draw.choice((draw.uniform(0.1, 4), draw.randint(1, 10))) for _ in range(draw.randint(EXACT + 1, 40))]
    found = pack(lengths, groups)
    least = max(sum(lengths) / groups, max(lengths))
    assert holds_each_once(found, len(lengths))
    assert least - 1e-9 <= makespan(lengths, found) <= (4 / 3) * least * 1.2
    assert makespan(lengths, found) <= min(makespan(lengths, f(lengths, groups)) for f in (lpt, multifit))


def test_both_heuristics_are_needed():
    """Otherwise one of them were enough, and the choice between them untested."""
    draw = Random(3)
    wins = {"lpt": 0, "multifit": 0}
    for _ in range(200):
        lengths = [draw.uniform(1, 4) for _ in range(14)]
        one, other = makespan(lengths, lpt(lengths, 3)), makespan(lengths, multifit(lengths, 3))
        wins["lpt"] += one < other
        wins["multifit"] += other < one
    assert min(wins.values()) > 0


def test_within_a_few_percent_of_the_optimum_beyond_twelve():
    draw = Random(5)
    ratios = []
    for _ in range(20):
        lengths = [draw.uniform(1, 4) for _ in range(13)]
        optimum = makespan(lengths, branch_and_bound(lengths, 2))
        ratios.append(makespan(lengths, pack(lengths, 2)) / optimum)
    assert max(ratios) < 1.08 and sum(ratios) / len(ratios) < 1.02


def test_order_of_the_groups_does_not_depend_on_the_search():
    assert pack([3, 1, 2], 2) == ((0,), (1, 2))
    assert canonical(((), (2,), (1, 0))) == ((0, 1), (2,), ())
    assert loads([3, 1, 2], pack([3, 1, 2], 4)) == (3, 1, 2, 0)

"""Weight generators, by hand."""

import pytest

from metaspec.kinds.exchanges.weights import Weights
from metaspec.kinds.merges.loss_average import LossAverage
from metaspec.kinds.merges.loss_median import LossMedian
from metaspec.kinds.merges.loss_weighted import LossWeighted
from metaspec.kinds.merges.mean import Mean
from metaspec.runtime.merging import shares_of

LOSSES = [[4.0, 1.0], [2.0, 2.0], [0.5, 4.0]]  # of three copies, oldest first


@pytest.mark.parametrize(
    ("merge", "expected"),
    [
        (Mean(), (1 / 3, 1 / 3, 1 / 3)),
        (LossWeighted(), (4 / 7, 2 / 7, 1 / 7)),
        (LossMedian(), (1 / 2, 1 / 2, 0)),
        (LossAverage(window=1), (4 / 7, 2 / 7, 1 / 7)),
        (LossAverage(window=2), tuple(x / (1 / 2.5 + 1 / 2 + 1 / 2.25) for x in (1 / 2.5, 1 / 2, 1 / 2.25))),
        (LossAverage(window=9), tuple(x / (1 / 2.5 + 1 / 2 + 1 / 2.25) for x in (1 / 2.5, 1 / 2, 1 / 2.25))),
    ],
)
def test_shares(merge, expected):
    found = shares_of(Weights(copies=3, combine=merge), LOSSES)
    assert found == pytest.approx(expected) and sum(found) == pytest.approx(1)


def test_median_of_an_even_number_keeps_the_better_half():
    assert shares_of(Weights(copies=4, combine=LossMedian()), [[4.0], [1.0], [3.0], [2.0]]) == (0, 0.5, 0, 0.5)


def test_a_loss_of_zero_is_not_infinitely_good():
    first, second = shares_of(Weights(combine=LossWeighted()), [[0.0], [0.0]])
    assert first == second == 0.5

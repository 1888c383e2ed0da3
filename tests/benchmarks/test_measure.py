"""Turns and ratios of the benchmark, and how gradients are compared."""

import numpy as np
import pytest

from benchmarks import fixture
from benchmarks.contest import Row
from benchmarks.measure import Lane, in_turns, ratio


def test_lanes_take_turns_in_both_directions():
    order = []

    def lane(name, seconds):
        def run(iterations):
            order.append(name)
            return seconds * iterations

        return Lane(name, 10, run)

    speeds = in_turns([lane("a", 0.5), lane("b", 2.0)], 3)
    assert order == ["a", "b", "b", "a", "a", "b"]
    assert speeds == {"a": [2.0] * 3, "b": [0.5] * 3}
    assert ratio(speeds, "a", "b") == 4.0


def test_a_ratio_is_taken_within_a_round():
    # The machine was three times slower in the second round: that must not show.
    speeds = {"a": [30.0, 10.0, 30.0], "b": [15.0, 5.0, 15.0]}
    assert ratio(speeds, "a", "b") == 2.0


def test_rows_without_a_wish_come_last():
    rows = [Row("p", "free", 0.1, None), Row("p", "fine", 4.0, 2.0), Row("p", "short", 1.0, 2.0)]
    assert [row.what for row in sorted(rows, key=lambda row: row.reached)] == ["short", "fine", "free"]


def test_distance_is_relative_and_of_the_same_names(tmp_path):
    reference = {"w": np.array([3.0, 0.0]), "b": np.array([4.0])}
    found = {"w": np.array([3.0, 0.5]), "b": np.array([4.0])}
    assert fixture.distance(found, reference) == pytest.approx(0.1)
    with pytest.raises(ValueError, match="other parameters"):
        fixture.distance({"w": found["w"]}, reference)
    fixture.save(str(tmp_path / "g.npz"), gradient=reference, task={"y": np.array([1])})
    assert fixture.single(str(tmp_path / "g.npz"), "gradient")["w"].dtype == np.float32
    assert fixture.doubled(str(tmp_path / "g.npz"), "task")["y"].dtype == np.int64

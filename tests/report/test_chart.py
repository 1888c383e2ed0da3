"""Line charts: what is drawn lies where its values say."""

import math
import re

import pytest

from metaspec.report.chart import Series, line_chart


def circles(svg):
    return [tuple(map(float, found)) for found in re.findall(r'cx="([0-9.]+)" cy="([0-9.]+)"', svg)]


def ticks(svg, anchor):
    return [float(found) for found in re.findall(rf'text-anchor="{anchor}">([0-9.e+-]+)</text>', svg)]


def test_points_are_linear_in_their_values():
    (x0, y0), (x1, y1), (x2, y2) = circles(line_chart([Series("", [0, 1, 3], [2, 4, 8], points=True)], "x", "y"))
    assert (x1 - x0) / (x2 - x0) == pytest.approx(1 / 3, abs=1e-3)
    assert (y1 - y0) / (y2 - y0) == pytest.approx(1 / 3, abs=1e-3)
    assert y2 < y0  # larger values stand higher


def test_level_lies_where_its_value_does():
    svg = line_chart([Series("", [0, 1], [0.25, 0.5], points=True)], "x", "y", share=True, level=("chance 0.25", 0.25))
    (at,) = re.findall(r'class="level" d="M[0-9]+ ([0-9.]+)H', svg)
    assert float(at) == circles(svg)[0][1]
    assert ">chance 0.25</text>" in svg


def test_wide_range_is_logarithmic():
    (_, y0), (_, y1), (_, y2) = circles(line_chart([Series("", [0, 1, 2], [1, 10, 100], points=True)], "x", "y"))
    assert y0 - y1 == pytest.approx(y1 - y2, abs=0.2)


def test_powers_of_ten_are_equally_far_apart_across():
    drawn = line_chart([Series("", [1, 10, 100], [1, 2, 3], points=True)], "x", "y", powers=True)
    (x0, _), (x1, _), (x2, _) = circles(drawn)
    assert x1 - x0 == pytest.approx(x2 - x1, abs=0.2)


def test_linear_axis_of_positive_values_begins_at_zero():
    assert 0 in ticks(line_chart([Series("", [0, 1], [9, 10])], "x", "y"), "end")


def test_shares_have_the_whole_axis():
    found = ticks(line_chart([Series("", [0, 1], [0.5, 0.6])], "x", "y", share=True), "end")
    assert (min(found), max(found)) == (0, 1)


def test_values_that_are_not_finite_leave_a_gap():
    series = Series("", [0, 1, 2, 3, 4], [1, 2, None, math.inf, 3], points=True)
    svg = line_chart([series], "x", "y")
    assert len(circles(svg)) == 3
    assert svg.count('class="line') == 2
    assert "nan" not in svg and "inf" not in svg


def test_nothing_finite_is_said():
    assert "No finite value" in line_chart([Series("", [0], [None])], "x", "y")


def test_single_point_has_axes():
    assert len(circles(line_chart([Series("", [5], [0.0], points=True)], "x", "y"))) == 1


def test_labels_are_escaped():
    assert "<b>" not in line_chart([Series("<b>", [0, 1], [0, 1])], "<b>", "<b>")

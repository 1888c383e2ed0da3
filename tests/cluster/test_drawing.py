"""The groups drawn as bars."""

from metaspec.plan.drawing import BAR, clusters, groups
from metaspec.plan.model import Group
from tests.cluster.pools_program import ALIKE, cluster_plan

FIGURE_4 = {"softmax": 3.0, "quadratic": 2.0, "two_d": 1.0, "bowl": 1.0, "connected": 3.0}


def bars(packed, seconds):
    return [line.split("|")[1] for line in groups(packed, seconds)]


def test_equal_groups_have_bars_of_equal_length():
    packed = [
        Group(clusters=("softmax", "quadratic"), seconds=5),
        Group(clusters=("two_d", "bowl", "connected"), seconds=5),
    ]
    first, second = bars(packed, FIGURE_4)
    assert len(first.rstrip()) == len(second.rstrip()) == BAR
    assert first.count("]") == 2 and second.count("]") == 3
    assert abs(first.index("]") + 1 - BAR * 0.6) <= 1 and first.startswith("softmax===")


def test_a_shorter_group_has_a_shorter_bar():
    packed = [
        Group(clusters=("softmax",), seconds=3),
        Group(clusters=("two_d",), seconds=1),
        Group(clusters=(), seconds=0),
    ]
    lines = list(groups(packed, FIGURE_4))
    lengths = [len(bar.rstrip()) for bar in bars(packed, FIGURE_4)]
    assert lengths == [BAR, round(BAR / 3), 0]
    assert lines[1].endswith("1 s, 33%")


def test_a_plan_says_who_is_where():
    lines = list(clusters(cluster_plan(groups=2).execution))
    assert lines[0].startswith("light: 4 tasks of small[0..2], sine, about ")
    assert lines[1].startswith("heavy: 4 tasks of large[0..4], about ")
    assert sum(line.startswith("group") for line in lines) == 2
    assert list(clusters(cluster_plan(declared=ALIKE).execution))[2].startswith(
        "alike_3: 4 tasks of instances that the run finds to be alike (`alike`)"
    )

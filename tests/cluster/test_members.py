"""Which instances the tasks of a meta-iteration are, and which clusters take their turn."""

from collections import Counter

import pytest

from metaspec.cluster.members import Member, members, taken
from metaspec.cluster.order import Traits, active
from metaspec.kinds.tasks.problems import Problems
from metaspec.kinds.tasks.sinusoid import Sinusoid

POOL = members({"bowl": Problems(set="bowl", instances=5), "sine": Sinusoid()}, ["sine", "bowl"])


def test_a_block_without_instances_is_one():
    assert [str(member) for member in POOL] == ["sine[0]", "bowl[0]", "bowl[1]", "bowl[2]", "bowl[3]", "bowl[4]"]
    assert POOL[0] == Member(task="sine")


@pytest.mark.parametrize("tasks", [6, 12])
def test_each_equally_often_where_that_goes(tasks):
    assert taken(POOL, tasks, 1, "c", 7) == taken(POOL, tasks, 2, "d", 8)
    assert set(Counter(taken(POOL, tasks, 1, "c", 7)).values()) == {tasks // 6}


def test_the_rest_is_drawn_without_putting_back():
    drawn = [taken(POOL, 4, 1, "c", iteration) for iteration in range(300)]
    assert all(len(set(each)) == 4 and list(each) == sorted(each, key=POOL.index) for each in drawn)
    assert drawn == [taken(POOL, 4, 1, "c", iteration) for iteration in range(300)]
    assert drawn != [taken(POOL, 4, 1, "other", iteration) for iteration in range(300)]
    counts = Counter(member for each in drawn for member in each)
    assert all(160 < counts[member] < 240 for member in POOL)  # 200 expected, deviation 8
    assert Counter(Counter(taken(POOL, 9, 1, "c", 0)).values()) == {2: 3, 1: 3}


CLUSTERS = {"a": Traits(4, 30.0), "b": Traits(9, 10.0), "c": Traits(6, 20.0), "d": Traits(1, 40.0)}


def turns(order, count, iterations=8):
    return [active(CLUSTERS, count, order, 1, iteration, iterations) for iteration in range(iterations)]


def test_all_of_them_whatever_the_order():
    assert turns("curriculum", None) == turns("random", 4) == turns(["d"], 9) == [("a", "b", "c", "d")] * 8


def test_lines_go_around():
    assert turns("by_size", 1, 5) == [("b",), ("c",), ("a",), ("d",), ("b",)]
    assert turns(("d", "c", "b", "a"), 3, 3) == [("b", "c", "d"), ("a", "c", "d"), ("a", "b", "d")]


def test_random_is_fair_and_repeatable():
    drawn = turns("random", 2, 400)
    assert drawn == turns("random", 2, 400)
    assert all(len(set(each)) == 2 for each in drawn)
    counts = Counter(name for each in drawn for name in each)
    assert all(160 < counts[name] < 240 for name in CLUSTERS)


def test_a_curriculum_opens_from_easy_to_hard():
    used = [set(each) for each in turns("curriculum", 2, 12)]
    assert all(each == {"b", "c"} for each in used[:4])
    assert set().union(*used[4:8]) == {"b", "c", "a"}
    assert set().union(*used[8:]) == {"b", "c", "a", "d"}

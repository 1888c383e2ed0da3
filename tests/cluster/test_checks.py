"""Mistakes about clusters, each at its place."""

import pytest

from tests.resolve.specs import MODEL, OUTER, codes, only, resolved

HEAD = "language 1\ntask a = sinusoid\ntask b = sinusoid\ntask c = problems { set = bowl, instances = 4 }\n"
REST = MODEL + "inner = maml { steps = 1 }\n" + OUTER
WHOLE = HEAD + "cluster one { tasks = [a] }\ncluster two { tasks = [b, c] }\n" + REST
ALIKE = HEAD + "cluster alike = similar { tasks = [a, b, c], count = 3 }\n" + REST


@pytest.mark.parametrize(
    ("text", "code", "words", "places"),
    [
        (WHOLE.replace("[b, c]", "[b, c, a]"), "E0401", "`a` is in `one` and `two`", 1),
        (WHOLE.replace("[b, c]", "[b, c, c]"), "E0401", "`c` is in `two` twice", 0),
        (WHOLE.replace("[b, c]", "[b, bb]"), "E0204", "`bb`", 0),
        (WHOLE.replace("[b, c]", "[]"), "E0302", "", 0),
        (ALIKE.replace("count = 3", "count = 7"), "E0401", "7 clusters of 6 task instances", 0),
        (ALIKE.replace("count = 3", "count = 3, refresh = 5"), "E0403", "descriptors do not change", 1),
        (ALIKE.replace("a, b", "a") + "cluster alike_2 { tasks = [b] }\n", "E0401", "name of a cluster of `alike`", 1),
        (WHOLE + "train { on = [a, b] }\n", "E0401", "leaves out the task `c`", 1),
        (WHOLE.replace("[b, c]", "[b]"), "W0107", "`c` is in no cluster", 0),
        (WHOLE + "train { clusters = 1, order = [one, tow] }\n", "E0204", "`tow`", 0),
        (WHOLE + "train { clusters = 1, order = [one] }\n", "E0401", "leaves out two", 0),
        (WHOLE + "train { clusters = 1, order = [one, two, one] }\n", "E0401", "one more than once", 0),
        (ALIKE + "train { clusters = 1, order = [alike_1, alike_2] }\n", "E0401", "leaves out alike_3", 0),
        (WHOLE + "train { clusters = 3 }\n", "E0401", "3 of 2 clusters", 0),
        (WHOLE + "train { order = by_size }\n", "N0102", "every meta-iteration uses all", 0),
        (HEAD + REST + "train { clusters = 2 }\n", "N0102", "`train.clusters`", 0),
        (HEAD + REST + "schedule = pool { combine = sum }\n", "N0102", "`schedule.combine`", 0),
        (HEAD + REST + "schedule = pool { groups = balanced }\n", "N0102", "`schedule.groups`", 0),
        (HEAD + REST + "schedule = pool { clip_norm = 1 }\n", "E0401", "the spec has no clusters", 0),
        (ALIKE + "schedule = pool { groups = balanced { count = 4 } }\n", "W0108", "4 cluster groups for 3", 0),
        (WHOLE + "schedule = pool { exchange = weights }\n", "E0401", "draw their own tasks", 1),
    ],
)
def test_rule(text, code, words, places):
    found = [each for each in resolved(text).diagnostics if each.code == code and words in each.message]
    assert len(found) == 1, [(each.code, each.message) for each in resolved(text).diagnostics]
    assert found[0].span is not None and len(found[0].related) == places


@pytest.mark.parametrize(
    "text",
    [
        WHOLE,
        ALIKE,
        WHOLE + "train { clusters = 1, order = [two, one] }\n",
        WHOLE + "schedule = pool { combine = weighted, groups = balanced { count = 2 } }\n",
        ALIKE.replace("count = 3", "count = 3, features = gradients, refresh = 5"),
    ],
)
def test_right(text):
    found = [each for each in codes(resolved(text)) if each != "E0401"]  # the model of `a` and the problems of `c`
    assert found == []


def test_an_order_is_not_spoken_of_where_it_matters():
    assert "N0102" not in codes(resolved(WHOLE + "train { clusters = 1, order = curriculum }\n"))


def test_a_cluster_that_is_misspelt_has_a_fix():
    found = only(resolved(WHOLE + "train { clusters = 1, order = [one, tow] }\n"), "E0204")
    assert found.fix is not None

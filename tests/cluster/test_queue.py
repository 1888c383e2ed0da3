"""What an idle worker takes next."""

from metaspec.runtime.pools.queue import Waiting, next_for


def test_without_groups_in_order_and_retries_first():
    assert next_for(1, 2, [Waiting(None, 0, 1)] * 3) == 0
    assert next_for(1, 2, [Waiting(None, 0, 1), Waiting(None, 0, 2)]) == 1


def test_its_own_group_the_longest_first():
    waiting = [Waiting(0, 9, 1), Waiting(1, 1, 1), Waiting(1, 3, 1), Waiting(1, 3, 1)]
    assert next_for(1, 2, waiting) == 2
    assert next_for(0, 2, waiting) == 0


def test_groups_beyond_the_workers_go_around():
    assert next_for(0, 2, [Waiting(1, 9, 1), Waiting(2, 1, 1)]) == 1


def test_before_it_stands_still_it_helps_where_most_is_left():
    waiting = [Waiting(0, 5, 1), Waiting(1, 2, 1), Waiting(1, 4, 1)]
    assert next_for(2, 3, waiting) == 2

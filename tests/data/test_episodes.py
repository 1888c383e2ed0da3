import numpy as np
import pytest

from metaspec.data.classes import ClassEntry, ClassTable, class_table
from metaspec.data.episodes import Episodes, EpisodeShape, draw_episodes, episode_problems
from metaspec.data.gather import gather_episodes
from metaspec.data.pools import ClassPool, class_pools
from metaspec.data.preview import contact_sheet, episode_sheet
from metaspec.data.splits import Classes, Unsplit


def table_of(*counts: int) -> ClassTable:
    classes = [ClassEntry(f"class{index}", count) for index, count in enumerate(counts)]
    return class_table("made", (3, 3, 1), "uint8", classes, {})


def pool_of(*counts: int, rotations: tuple[int, ...] = (0,)) -> ClassPool:
    return class_pools(table_of(*counts), Unsplit(), rotations).train


def numbered_items(count: int) -> np.ndarray:
    """Items of 3 x 3 in which the row number stands in the top left corner and marks in two others."""
    items = np.zeros((count, 3, 3, 1), dtype=np.uint8)
    items[:, 0, 0, 0] = np.arange(count)
    items[:, 0, 2, 0] = 250
    items[:, 2, 2, 0] = 251
    return items


def assert_equal(one: Episodes, other: Episodes) -> None:
    for name in ("classes", "turns", "support", "query", "support_mask"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


def test_an_episode_depends_on_its_own_key_alone():
    pool, shape = pool_of(*[20] * 30, rotations=(0, 90)), EpisodeShape(5, 2, 3)
    together = draw_episodes(pool, shape, 7, "train", 4, range(8))
    for task in range(8):
        alone = draw_episodes(pool, shape, 7, "train", 4, [task])
        np.testing.assert_array_equal(together.support[task], alone.support[0])
        np.testing.assert_array_equal(together.query[task], alone.query[0])
    assert_equal(together, draw_episodes(pool, shape, 7, "train", 4, range(8)))
    for seed, stream, iteration in ((8, "train", 4), (7, "test", 4), (7, "train", 5)):
        assert not np.array_equal(
            together.support, draw_episodes(pool, shape, seed, stream, iteration, range(8)).support
        )


@pytest.mark.parametrize("shots", [1, 5, (1, 5)])
@pytest.mark.parametrize("counts", [(20,) * 12, (9, 30, 8, 8, 100, 13)])
def test_support_and_query_share_no_item_and_come_from_their_class(counts, shots):
    pool, shape = pool_of(*counts, rotations=(0, 180)), EpisodeShape(5, shots, 3)
    assert episode_problems(table_of(*counts), pool, shape) == ()
    episodes = draw_episodes(pool, shape, 1, "train", 0, range(300))
    owners = table_of(*counts).row_classes()
    assert (owners[episodes.support] == episodes.classes[:, :, None]).all()
    assert (owners[episodes.query] == episodes.classes[:, :, None]).all()
    for task in range(300):
        pairs = set(zip(episodes.classes[task].tolist(), episodes.turns[task].tolist(), strict=True))
        assert len(pairs) == 5
        for way in range(5):
            support = episodes.support[task, way][episodes.support_mask[task, way]].tolist()
            query = episodes.query[task, way].tolist()
            assert len(set(support)) == len(support)
            assert len(set(query)) == len(query)
            assert not set(support) & set(query)


def test_classes_and_items_are_drawn_uniformly():
    counts = (6, 9, 6, 12, 6, 7)
    pool = pool_of(*counts, rotations=(0, 90))
    episodes = draw_episodes(pool, EpisodeShape(4, 2, 3), 3, "train", 0, range(6000))
    places = np.stack((episodes.classes, episodes.turns), axis=-1).reshape(-1, 2)
    drawn = np.unique(places, axis=0, return_counts=True)[1]
    assert len(drawn) == len(pool)
    np.testing.assert_allclose(drawn / len(places), 1 / len(pool), rtol=0.1)
    # The label says nothing about the class.
    np.testing.assert_allclose(np.bincount(episodes.classes[:, 0]) / 6000, 1 / 6, rtol=0.1)

    for rows in (episodes.support, episodes.query):
        hits = np.bincount(rows.ravel(), minlength=sum(counts))
        owners = table_of(*counts).row_classes()
        expected = rows.size / 6 / np.array(counts)[owners]
        np.testing.assert_allclose(hits, expected, rtol=0.15)


def test_the_whole_class_is_used_when_it_just_suffices():
    episodes = draw_episodes(pool_of(5, 5), EpisodeShape(2, 2, 3), 0, "train", 0, range(50))
    both = np.sort(np.concatenate((episodes.support, episodes.query), axis=2) % 5, axis=2)
    assert (both == np.arange(5)).all()


def test_unequal_shots_are_uniform_and_bounded_by_the_class():
    counts = (30, 30, 7, 30)  # the third class has room for 4 shots beside 3 queries
    pool, shape = pool_of(*counts), EpisodeShape(4, (1, 5), 3)
    episodes = draw_episodes(pool, shape, 2, "train", 0, range(4000))
    shots = episodes.support_mask.sum(axis=2)
    small = episodes.classes == 2
    np.testing.assert_allclose(np.bincount(shots[~small])[1:] / (~small).sum(), [0.2] * 5, atol=0.02)
    np.testing.assert_allclose(np.bincount(shots[small], minlength=6)[1:] / small.sum(), [0.25] * 4 + [0], atol=0.03)
    # Masked places repeat the first shot, so that every row that is gathered belongs to the support.
    first = np.broadcast_to(episodes.support[:, :, :1], episodes.support.shape)
    np.testing.assert_array_equal(episodes.support[~episodes.support_mask], first[~episodes.support_mask])


def test_gathering_is_class_major_and_turns_counter_clockwise():
    table = table_of(6, 6, 6)
    items = numbered_items(table.items)
    pool = class_pools(table, Unsplit(), (0, 90, 180, 270)).train
    episodes = draw_episodes(pool, EpisodeShape(3, 2, 4), 0, "train", 0, range(40))
    batch = gather_episodes(items, episodes)
    assert batch.support_x.shape == (40, 6, 3, 3, 1)
    assert batch.query_x.shape == (40, 12, 3, 3, 1)
    assert batch.support_y.tolist() == [[0, 0, 1, 1, 2, 2]] * 40
    assert batch.query_y.tolist() == [[0] * 4 + [1] * 4 + [2] * 4] * 40
    assert batch.support_x.dtype == np.uint8
    assert batch.support_y.dtype == np.int32
    assert batch.support_weight.min() == 1.0
    assert set(episodes.turns.ravel().tolist()) == {0, 1, 2, 3}
    for task in range(40):
        for way in range(3):
            turn = int(episodes.turns[task, way])
            for query in range(4):
                expected = np.rot90(items[episodes.query[task, way, query]], turn)
                np.testing.assert_array_equal(batch.query_x[task, way * 4 + query], expected)
    np.testing.assert_array_equal(items, numbered_items(table.items))


def test_weights_of_missing_shots_are_zero():
    table = table_of(9, 9)
    pool = class_pools(table, Unsplit()).train
    episodes = draw_episodes(pool, EpisodeShape(2, (1, 3), 2), 0, "train", 0, range(20))
    batch = gather_episodes(numbered_items(18), episodes)
    np.testing.assert_array_equal(batch.support_weight.reshape(20, 2, 3) > 0, episodes.support_mask)
    assert 0 < batch.support_weight.mean() < 1


def test_gathering_vectors():
    table = class_table("made", (5,), "float32", [ClassEntry("a", 4), ClassEntry("b", 4)], {})
    items = np.arange(40, dtype=np.float32).reshape(8, 5)
    episodes = draw_episodes(class_pools(table, Unsplit()).train, EpisodeShape(2, 1, 1), 0, "s", 0, range(3))
    batch = gather_episodes(items, episodes)
    np.testing.assert_array_equal(batch.support_x, items[episodes.support.reshape(3, 2)])
    assert batch.support_x.dtype == np.float32


def test_every_problem_of_a_shape_is_reported_at_once():
    table = table_of(20, 4, 20, 3)
    pool = class_pools(table, Unsplit()).train
    problems = episode_problems(table, pool, EpisodeShape(ways=6, shots=1, queries=15))
    assert [(problem.code, problem.field) for problem in problems] == [
        ("too-few-classes", "ways"),
        ("too-few-items", "queries"),
    ]
    assert "6 ways are more than the 4 classes of made in train" in problems[0].message
    assert "class class3 of made has 3 items" in problems[1].message
    assert "1 more classes" in problems[1].message


def test_a_split_without_classes_is_named():
    table = table_of(20, 20, 20)
    pools = class_pools(table, Classes(0, 1))
    (found,) = episode_problems(table, pools.validation, EpisodeShape(2, 1, 1))
    assert "the 0 classes of made in validation" in found.message


@pytest.mark.parametrize(
    ("shape", "fields"),
    [
        (EpisodeShape(0, 1, 1), ["ways"]),
        (EpisodeShape(1, 0, 1), ["shots"]),
        (EpisodeShape(1, 1, 0), ["queries"]),
        (EpisodeShape(1, (3, 2), 1), ["shots"]),
        (EpisodeShape(0, 0, 0), ["ways", "shots", "queries"]),
    ],
)
def test_shapes_without_meaning(shape, fields):
    table = table_of(20, 20)
    problems = episode_problems(table, class_pools(table, Unsplit()).train, shape)
    assert [problem.field for problem in problems] == fields


def test_unequal_shots_need_only_the_fewest():
    table = table_of(4, 20)
    pool = class_pools(table, Unsplit()).train
    assert episode_problems(table, pool, EpisodeShape(2, (1, 5), 3)) == ()
    assert episode_problems(table, pool, EpisodeShape(2, (2, 5), 3))[0].code == "too-few-items"


def test_sheets_show_the_items():
    items = numbered_items(18)
    sheet = np.asarray(contact_sheet(items[:4], columns=2, magnify=1))
    assert sheet.shape == (12, 12)
    np.testing.assert_array_equal(sheet[7:10, 7:10], items[3, :, :, 0])
    table = table_of(9, 9)
    shape = EpisodeShape(2, (1, 3), 2)
    batch = gather_episodes(items, draw_episodes(class_pools(table, Unsplit()).train, shape, 0, "s", 0, range(9)))
    task = int(np.argmin(batch.support_weight.sum(axis=1)))
    picture = np.asarray(episode_sheet(batch, task, ways=2, magnify=1))
    assert picture.shape == (12, 17 + 2 + 12)
    masked = int(np.argmin(batch.support_weight[task]))
    top, left = 2 + masked // 3 * 5, 2 + masked % 3 * 5
    assert (picture[top : top + 3, left : left + 3] == 255).all()
    np.testing.assert_array_equal(picture[2:5, 21:24], batch.query_x[task, 0, :, :, 0])

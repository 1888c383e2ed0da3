"""No class is in two parts, whatever the reader, the split, the seed and the rotations."""

import itertools

import numpy as np
import pytest

from metaspec.data.arrays import Arrays
from metaspec.data.classes import ClassEntry, ClassTable, class_table
from metaspec.data.digits import Digits
from metaspec.data.errors import DataError
from metaspec.data.glyphs import Glyphs
from metaspec.data.image_folder import ImageFolder
from metaspec.data.items import split_items
from metaspec.data.omniglot import Omniglot
from metaspec.data.pools import ClassPools, class_pools, prove_disjoint
from metaspec.data.splits import Alphabets, Classes, Fractions, Official, Split, Unsplit

ALL_ROTATIONS = (0, 90, 180, 270)
SEEDS = range(5)
BY_CLASS: tuple[Split, ...] = (
    Unsplit(),
    *(Fractions(0.2, 0.4, seed) for seed in SEEDS),
    *(Fractions(0.0, 0.01, seed) for seed in SEEDS),
    *(Classes(1, 1, seed) for seed in SEEDS),
)
BY_GROUP: tuple[Split, ...] = (Alphabets(1, 2), Alphabets(0, 1), Alphabets(2, 0))


def table_of(*entries: tuple[str, int, str | None, str | None]) -> ClassTable:
    return class_table("made", (4, 4, 1), "uint8", (ClassEntry(*entry) for entry in entries), {})


def parts_of(pools: ClassPools) -> list[set[int]]:
    return [set(pool.classes.tolist()) for pool in (pools.train, pools.validation, pools.test)]


def assert_disjoint_and_complete(table: ClassTable, pools: ClassPools, rotations: int) -> None:
    train, validation, test = parts_of(pools)
    assert not train & validation
    assert not train & test
    assert not validation & test
    assert train | validation | test == set(range(len(table.classes)))
    names = [{table.classes[index].name for index in part} for part in (train, validation, test)]
    assert all(not one & other for one, other in itertools.combinations(names, 2))

    # Every training class comes with each rotation once; the other parts are upright.
    assert len(pools.train) == len(train) * rotations
    pairs = set(zip(pools.train.classes.tolist(), pools.train.turns.tolist(), strict=True))
    assert len(pairs) == len(pools.train)
    assert not pools.validation.turns.any()
    assert not pools.test.turns.any()
    rows = [
        {row for offset, count in zip(pool.offsets, pool.counts, strict=True) for row in range(offset, offset + count)}
        for pool in (pools.train, pools.validation, pools.test)
    ]
    assert all(not one & other for one, other in itertools.combinations(rows, 2))


@pytest.fixture
def tables(omniglot_folder, omniglot_zips, pictures, tmp_path) -> dict[str, ClassTable]:
    np.savez(tmp_path / "a.npz", inputs=np.zeros((40, 5, 5)), labels=np.arange(40) % 8)
    return {
        "omniglot": Omniglot(omniglot_folder).table(),
        "omniglot zip": Omniglot(omniglot_zips).table(),
        "glyphs": Glyphs(alphabets=5, characters=4).table(),
        "digits": Digits().table(),
        "image_folder": ImageFolder(pictures, size=(8, 8)).table(),
        "arrays": Arrays(tmp_path / "a.npz").table(),
    }


def test_parts_of_every_reader_are_disjoint(tables):
    proofs = 0
    for table in tables.values():
        splits: tuple[Split, ...] = BY_CLASS
        if table.groups():
            splits += BY_GROUP
        if table.classes[0].origin:
            splits += (Official(0), Official(1), Official(2))
        for split, rotations in itertools.product(splits, ((0,), ALL_ROTATIONS, (90, 270))):
            pools = class_pools(table, split, rotations)
            assert_disjoint_and_complete(table, pools, len(rotations))
            proofs += 1
    assert proofs == 3 * (6 * len(BY_CLASS) + 3 * len(BY_GROUP) + 2 * 3)


def test_last_alphabets_by_name_are_for_test(tables):
    table = tables["omniglot"]
    pools = class_pools(table, Alphabets(1, 2))
    groups = [{table.classes[index].group for index in part} for part in parts_of(pools)]
    assert groups == [{"Angelic", "Bengali"}, {"Cyrillic"}, {"Futurama", "Zigzag"}]


def test_official_is_background_against_evaluation(tables):
    table = tables["omniglot"]
    pools = class_pools(table, Official(1))
    groups = [{table.classes[index].group for index in part} for part in parts_of(pools)]
    assert groups == [{"Angelic", "Bengali"}, {"Cyrillic"}, {"Futurama", "Zigzag"}]


def test_real_omniglot_by_alphabets(real_omniglot):
    table = Omniglot(real_omniglot).table()
    pools = class_pools(table, Alphabets(3, 6), ALL_ROTATIONS)
    assert_disjoint_and_complete(table, pools, 4)
    held_out = {table.classes[index].group for index in pools.test.classes}
    assert held_out == set(table.groups()[-6:])
    assert len({table.classes[index].group for index in pools.train.classes}) == 21


def test_splits_follow_their_seed(tables):
    table = tables["glyphs"]
    first = [parts_of(class_pools(table, Fractions(0.2, 0.3, seed))) for seed in range(6)]
    again = [parts_of(class_pools(table, Fractions(0.2, 0.3, seed))) for seed in range(6)]
    assert first == again
    assert all(one != other for one, other in itertools.combinations(first, 2))
    assert [len(part) for part in first[0]] == [10, 4, 6]


def test_one_name_in_two_official_parts_is_found():
    table = table_of(("cat", 5, None, "train"), ("dog", 5, None, "train"), ("cat", 5, None, "test"))
    with pytest.raises(DataError, match="class cat is in train and in test") as caught:
        class_pools(table, Official(0))
    assert caught.value.code == "shared-class"


def test_the_proof_finds_a_shared_class():
    table = table_of(("a", 5, None, None), ("b", 5, None, None), ("c", 5, None, None))
    pools = class_pools(table, Classes(1, 1))
    with pytest.raises(DataError, match="is in validation and in test"):
        prove_disjoint(table, ClassPools(pools.train, pools.validation, class_pools(table, Classes(0, 2)).test))


@pytest.mark.parametrize(
    ("split", "words"),
    [
        (Alphabets(3, 2), "none of the 5 alphabets"),
        (Alphabets(-1, 2), "cannot be negative"),
        (Classes(10, 5), "none of the 15 classes"),
        (Fractions(0.5, 0.5), "sum below 1"),
        (Fractions(-0.1, 0.5), "0 .. 1"),
        (Official(3), "none of the 3 alphabets"),
    ],
)
def test_splits_that_leave_nothing_to_train_on(tables, split, words):
    with pytest.raises(DataError, match=words) as caught:
        class_pools(tables["omniglot"], split)
    assert (caught.value.code, caught.value.field) == ("split", "split")


def test_splits_that_the_data_has_no_names_for(tables, omniglot_folder):
    with pytest.raises(DataError, match="class 0 of digits belongs to no alphabet"):
        class_pools(tables["digits"], Alphabets(1, 1))
    with pytest.raises(DataError, match="belongs to no part of an official split"):
        class_pools(tables["digits"], Official(1))
    with pytest.raises(DataError, match="no classes of the official test part"):
        class_pools(Omniglot(omniglot_folder / "images_background").table(), Official(1))


@pytest.mark.parametrize("rotations", [(), (45,), (0, 360), (0, 90, 90)])
def test_rotations_that_are_none(tables, rotations):
    with pytest.raises(DataError, match="different multiples of 90"):
        class_pools(tables["glyphs"], Unsplit(), rotations)


def test_only_square_pictures_turn():
    flat = class_table("made", (4, 6, 1), "uint8", [ClassEntry("a", 3)], {})
    with pytest.raises(DataError, match="4 x 6 x 1 cannot turn"):
        class_pools(flat, Unsplit(), (0, 90))
    assert len(class_pools(flat, Unsplit(), (0, 180)).train) == 2
    vectors = class_table("made", (7,), "float32", [ClassEntry("a", 3)], {})
    with pytest.raises(DataError, match="cannot turn"):
        class_pools(vectors, Unsplit(), (0, 180))


@pytest.mark.parametrize("seed", SEEDS)
def test_items_are_split_inside_each_class(seed):
    table = Digits().table()
    split = split_items(table, 0.2, 0.3, seed)
    joined = np.concatenate((split.train, split.validation, split.test))
    np.testing.assert_array_equal(np.sort(joined), np.arange(table.items))
    owners = table.row_classes()
    for rows, share in ((split.validation, 0.2), (split.test, 0.3)):
        counts = np.bincount(owners[rows], minlength=10)
        np.testing.assert_allclose(counts, table.counts * share, atol=0.51)
    assert not np.array_equal(split.test, split_items(table, 0.2, 0.3, seed + 100).test)


def test_item_split_of_a_class_too_small_names_it():
    table = table_of(("big", 50, None, None), ("tiny", 2, None, None))
    with pytest.raises(DataError, match="class tiny has 2 items"):
        split_items(table, 0.1, 0.1)
    assert len(split_items(table, 0.0, 0.1).validation) == 0

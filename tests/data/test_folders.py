"""The user's own folders for training, validation and test: as parts, pooled, and where they do not do as parts."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from metaspec.data.digits import Digits
from metaspec.data.errors import DataError
from metaspec.data.folders import Folders, classes_of_folders, found_in, items_of_folders
from metaspec.data.image_folder import ImageFolder
from metaspec.data.pools import class_pools
from metaspec.data.splits import Fractions, Official
from metaspec.data.store import open_store
from metaspec.data.training import training_data


def write(root: Path, pictures: dict[str, int]) -> Path:
    """Pictures by class folder, each of one colour of its own; their order is that of the dictionary."""
    colour = 0
    for folder, count in pictures.items():
        (root / folder).mkdir(parents=True)
        for number in range(count):
            Image.new("RGB", (4, 4), (colour, 0, 0)).save(root / folder / f"{number}.png")
            colour += 1
    return root


def table_of(root: Path, pictures: dict[str, int]):
    return ImageFolder(write(root, pictures)).table()


def names(table, classes) -> list[str]:
    return [table.classes[index].name for index in classes]


@pytest.mark.parametrize("validation", ["val", "valid", "Validation"])
def test_folders_are_the_parts(tmp_path, validation):
    table = table_of(tmp_path, {"train/a": 2, "train/b": 3, f"{validation}/c": 2, "test/birds/d": 2})
    assert found_in(table) == ("train", "validation", "test")
    pools = class_pools(table, Folders(), (0, 90))
    assert names(table, pools.train.classes) == ["a", "a", "b", "b"]
    assert names(table, pools.validation.classes) == ["c"]
    assert names(table, pools.test.classes) == ["birds/d"]


def test_without_a_folder_for_validation_a_share_of_train_is_drawn(tmp_path):
    table = table_of(tmp_path, {**{f"train/{name}": 1 for name in "abcdefgh"}, "test/z": 1})
    parts = classes_of_folders(table, Folders(validation=0.25, seed=1))
    assert len(parts["validation"]) == 2 and len(parts["train"]) == 6
    assert sorted(parts["validation"] + parts["train"]) == list(range(8))
    assert names(table, parts["test"]) == ["z"]
    assert any(classes_of_folders(table, Folders(0.25, seed)) != parts for seed in range(2, 6))
    assert classes_of_folders(table, Folders(validation=0))["validation"] == []


def test_a_class_in_two_folders_is_one_class_and_no_part_of_a_few_shot_split(tmp_path):
    table = table_of(tmp_path, {"train/a": 3, "train/b": 2, "test/a": 2, "test/c": 1})
    assert [(entry.name, entry.items) for entry in table.classes] == [("a", 5), ("b", 2), ("c", 1)]
    for split in (Folders(), Official(0)):
        with pytest.raises(DataError) as caught:
            class_pools(table, split)
        assert caught.value.code == "shared-class"
        assert "class a" in caught.value.message and "train and test" in caught.value.message
    pools = class_pools(table, Fractions(0.0, 0.3))
    assert sorted(names(table, [*pools.train.classes, *pools.test.classes])) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("pictures", "words"),
    [
        ({"train/a": 1, "val/b": 1}, "no folder test here, only train and validation"),
        ({"val/a": 1, "test/b": 1}, "no folder train here, only validation and test"),
        ({"train/a": 1, "test/b": 1, "extra/c": 1}, "class extra/c"),
        ({"train/a": 1, "test/b": 1, "a": 1}, "class a of"),
        ({"train/a": 1, "test/b": 1}, "1 for validation leave none"),
    ],
)
def test_folders_that_do_not_do_are_named(tmp_path, pictures, words):
    with pytest.raises(DataError, match=words) as caught:
        class_pools(table_of(tmp_path, pictures), Folders())
    assert (caught.value.code, caught.value.field) == ("split", "split")


def test_data_without_folders(tmp_path):
    with pytest.raises(DataError, match="does not lie in the folders"):
        class_pools(Digits().table(), Folders())


def training(root: Path, division) -> tuple:
    data = SimpleNamespace(
        source=ImageFolder, split=SimpleNamespace(division=lambda: division), validation=0.25, test=0.25
    )
    return training_data(data, root)


def test_training_takes_the_items_of_each_folder(tmp_path):
    pictures = {"train/a": 3, "val/a": 2, "test/a": 1, "train/b": 2, "test/b": 2, "val/b": 1}
    found = training(write(tmp_path / "own", pictures), Folders())
    assert not found.problems and found.classes == {"train": 2, "validation": 2, "test": 2}
    store = open_store(found.source, tmp_path / "cache")
    classes = found.table.row_classes()
    colours = {
        part: store.items[getattr(found.rows, part)][:, 0, 0, 0].tolist() for part in ("train", "validation", "test")
    }
    assert colours == {"train": [0, 1, 2, 6, 7], "validation": [3, 4, 10], "test": [5, 8, 9]}
    assert classes[found.rows.test].tolist() == [0, 1, 1]


def test_training_without_a_folder_for_validation_draws_a_share_of_each_class(tmp_path):
    found = training(write(tmp_path, {"train/a": 8, "test/a": 2, "train/b": 4, "test/b": 1}), Folders(0.25))
    classes = found.table.row_classes()
    for part, counts in (("train", [6, 3]), ("validation", [2, 1]), ("test", [2, 1])):
        assert np.bincount(classes[getattr(found.rows, part)]).tolist() == counts
    rows = np.concatenate([found.rows.train, found.rows.validation, found.rows.test])
    assert sorted(rows.tolist()) == list(range(15))


@pytest.mark.parametrize(
    ("pictures", "share", "words"),
    [
        ({"train/a": 2, "test/a": 1, "test/b": 1}, 0.2, "class b of image_folder has no items in the folder train"),
        ({"train/a": 1, "test/a": 1}, 0.2, "class a has 1 items in the folder train: 1 for validation"),
    ],
)
def test_training_folders_that_do_not_do_are_named(tmp_path, pictures, share, words):
    with pytest.raises(DataError, match=words):
        items_of_folders(table_of(tmp_path, pictures), Folders(share))

"""Folders and files that are neither classes nor items are counted, and named with the classes that they would fill."""

import pytest
from PIL import Image

from metaspec.data.episodes import EpisodeShape, episode_problems
from metaspec.data.errors import DataError
from metaspec.data.image_folder import ImageFolder
from metaspec.data.omniglot import Omniglot
from metaspec.data.pools import class_pools
from metaspec.data.splits import Unsplit


@pytest.fixture
def mixed(pictures):
    """Beside `ant`, `bee` and `cat`: an empty folder, one of other files, and other files in `bee` and above."""
    (pictures / "dog").mkdir()
    (pictures / "elk").mkdir()
    for place in ("elk/0.dat", "bee/7.dat", "bee/8", "bee/Thumbs.db", "bee/.DS_Store", "README.txt"):
        (pictures / place).write_bytes(b"")
    return pictures


def test_they_are_found_in_folders_and_zips(mixed, tmp_path, pack):
    for root, above in ((mixed, ""), (pack(mixed, tmp_path / "all.zip"), "pictures/")):
        table = ImageFolder(root).table()
        assert table.passed_over.files == (f"{above}bee/7.dat", f"{above}bee/8")
        assert table.passed_over.folders == {f"{above}dog": 0, f"{above}elk": 1}
        assert {entry.name: entry.beside for entry in table.classes} == {"ant": 0, "bee": 2, "cat": 0}


def test_they_change_neither_the_data_nor_its_hashes(pictures, request):
    plain = ImageFolder(pictures).table()
    mixed = ImageFolder(request.getfixturevalue("mixed")).table()
    assert (plain.fingerprint, plain.stamp) == (mixed.fingerprint, mixed.stamp)


def test_parts_and_groups_are_no_folders_without_pictures(pictures, tmp_path):
    (tmp_path / "parted/train/birds").mkdir(parents=True)
    (pictures / "ant").rename(tmp_path / "parted/train/birds/ant")
    (tmp_path / "parted/train/birds/ant/7.dat").write_bytes(b"")
    (tmp_path / "parted/test").mkdir()
    (entry,), others = (table := ImageFolder(tmp_path / "parted").table()).classes, table.passed_over
    assert (entry.name, entry.beside) == ("birds/ant", 1)
    assert others.folders == {"test": 0}


def test_a_class_that_is_too_small_tells_of_them(mixed):
    table = ImageFolder(mixed).table()
    shape = EpisodeShape(ways=3, shots=2, queries=3)
    (found,) = episode_problems(table, class_pools(table, Unsplit()).train, shape)
    assert "class bee of image_folder has 4 items (2 more files in its folder passed over" in found.message


def test_a_folder_of_other_files_alone(tmp_path):
    (tmp_path / "ant").mkdir()
    (tmp_path / "ant" / "0.dat").write_bytes(b"")
    with pytest.raises(DataError, match="holds no pictures, only 1 other file, such as ant/0.dat"):
        ImageFolder(tmp_path).table()


@pytest.mark.parametrize("reader", [ImageFolder, Omniglot])
def test_a_picture_is_no_folder_of_classes(tmp_path, reader):
    Image.new("RGB", (4, 4)).save(tmp_path / "000.png")
    with pytest.raises(DataError, match="000.png is a picture") as caught:
        reader(tmp_path / "000.png").table()
    assert caught.value.help.startswith("name the folder")

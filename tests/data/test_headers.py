"""Files that are no pictures are named before anything is decoded, and right ones are looked at once."""

import pytest
from PIL import Image

from metaspec.data.digits import Digits
from metaspec.data.headers import header_problems
from metaspec.data.image_folder import ImageFolder
from metaspec.data.omniglot import Omniglot


def problems(source, cache) -> list[str]:
    return [each.message for each in header_problems(source, source.table(), cache)]


@pytest.fixture
def broken(pictures):
    (pictures / "bee" / "1.bmp").write_text("not a picture")
    return pictures


def test_a_file_that_is_no_picture_is_named(broken, tmp_path, pack):
    source = ImageFolder(broken, (8, 8))
    for _ in range(2):  # it is not remembered as looked at
        (message,) = problems(source, tmp_path / "cache")
        assert message == f"bee/1.bmp in {broken} cannot be read as an image"
    packed = ImageFolder(pack(broken, tmp_path / "pictures.zip"), (8, 8))
    assert "bee/1.bmp in" in problems(packed, tmp_path / "cache")[0]


def test_many_are_counted(broken, tmp_path):
    for number in range(5):
        (broken / "ant" / f"{number}.png").write_bytes(b"")
    (message,) = problems(ImageFolder(broken, (8, 8)), tmp_path)
    assert message.startswith("ant/0.png in") and "ant/2.png" in message and "ant/3.png" not in message
    assert "and 3 more of 15 files" in message


def test_right_pictures_are_looked_at_once_until_they_change(pictures, tmp_path):
    source, cache = ImageFolder(pictures, (8, 8)), tmp_path / "cache"
    table = source.table()
    assert problems(source, cache) == []
    (pictures / "bee" / "1.bmp").write_text("not a picture")
    assert header_problems(source, table, cache) == ()  # the table of before: not looked at again
    assert len(problems(source, cache)) == 1
    Image.new("RGB", (8, 8)).save(pictures / "bee" / "1.bmp")
    assert problems(source, cache) == []


def test_without_a_place_to_remember_it_looks_each_time(pictures, tmp_path):
    (tmp_path / "file").write_text("")
    assert problems(ImageFolder(pictures, (8, 8)), tmp_path / "file") == []


def test_omniglot_in_a_folder_and_in_zips(omniglot_folder, omniglot_zips, tmp_path):
    assert problems(Omniglot(omniglot_zips), tmp_path / "cache") == []
    first = next(iter(sorted(omniglot_folder.rglob("*.png"))))
    first.write_bytes(b"GIF?")
    (message,) = problems(Omniglot(omniglot_folder), tmp_path / "cache")
    assert first.name in message


def test_data_without_pictures_in_files_has_nothing_to_look_at(tmp_path):
    assert problems(Digits(), tmp_path) == []
    assert list(tmp_path.iterdir()) == []

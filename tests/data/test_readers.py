"""Each reader: its table, its decoded items, and what it says of bad data."""

import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from metaspec.data.arrays import Arrays
from metaspec.data.classes import ClassTable, Source
from metaspec.data.digits import Digits
from metaspec.data.errors import DataError
from metaspec.data.glyphs import Glyphs
from metaspec.data.image_folder import ImageFolder, read_pictures
from metaspec.data.omniglot import Omniglot

ALPHABETS = ("Angelic", "Bengali", "Cyrillic", "Futurama", "Zigzag")  # of the small Omniglot in conftest.py
CHARACTERS = 3
DRAWINGS = 4


def decode(source: Source) -> tuple[ClassTable, np.ndarray]:
    table = source.table()
    items = np.empty((table.items, *table.item_shape), dtype=table.item_type)
    source.fill(table, items)
    return table, items


def problem(source: Source) -> DataError:
    with pytest.raises(DataError) as caught:
        decode(source)
    return caught.value


# Omniglot


def test_omniglot_folder_and_zip_are_the_same(omniglot_folder, omniglot_zips):
    plain, plain_items = decode(Omniglot(omniglot_folder))
    packed, packed_items = decode(Omniglot(omniglot_zips))
    assert plain.groups() == ALPHABETS
    assert len(plain.classes) == len(ALPHABETS) * CHARACTERS
    assert set(plain.counts.tolist()) == {DRAWINGS}
    assert [entry.origin for entry in plain.classes] == ["background"] * 9 + ["evaluation"] * 6
    assert plain.classes == packed.classes
    assert plain.fingerprint == packed.fingerprint
    np.testing.assert_array_equal(plain_items, packed_items)


def test_omniglot_ink_is_bright_and_lies_in_class_order(omniglot_folder):
    table, items = decode(Omniglot(omniglot_folder))
    assert items.shape == (60, 28, 28, 1)
    for row, class_index in enumerate(table.row_classes()):
        drawing = row - int(table.offsets[class_index])
        middle = (np.array((class_index % CHARACTERS, drawing)) * 20 + 10) * 28 // 105
        assert items[row, middle[0], middle[1], 0] == 255
        assert items[row, 27, 27, 0] == 0
        assert items[row].mean() == pytest.approx(255 * 20**2 / 105**2, rel=0.05)


@pytest.mark.parametrize("part", ["images_background", "images_evaluation"])
def test_omniglot_takes_one_part_alone(omniglot_folder, omniglot_zips, part):
    folder = Omniglot(omniglot_folder / part).table()
    archive = Omniglot(omniglot_zips / f"{part}.zip").table()
    assert folder.classes == archive.classes
    assert {entry.origin for entry in folder.classes} == {part.removeprefix("images_")}


def test_omniglot_in_a_single_zip(omniglot_folder, tmp_path, pack):
    archive = pack(omniglot_folder, tmp_path / "all.zip")
    assert Omniglot(archive).table().classes == Omniglot(omniglot_folder).table().classes


def test_omniglot_fingerprint_follows_names_and_settings_and_stamp_follows_content(omniglot_folder):
    table = Omniglot(omniglot_folder).table()
    assert Omniglot(omniglot_folder, size=14).table().fingerprint != table.fingerprint
    drawing = omniglot_folder / "images_background/Bengali/character02/0005_01.png"
    Image.new("1", (105, 105), 1).save(drawing)
    changed = Omniglot(omniglot_folder).table()
    assert changed.fingerprint == table.fingerprint
    assert changed.stamp != table.stamp
    drawing.unlink()
    assert Omniglot(omniglot_folder).table().fingerprint != table.fingerprint


def test_omniglot_same_drawing_twice(omniglot_folder):
    extra = omniglot_folder / "images_evaluation/Angelic/character01"
    extra.mkdir(parents=True)
    (omniglot_folder / "images_background/Angelic/character01/0001_01.png").rename(extra / "0001_02.png")
    found = problem(Omniglot(omniglot_folder))
    assert found.code == "layout"
    assert "Angelic/character01 is there twice" in found.message


def test_omniglot_without_the_layout(tmp_path, pictures):
    assert problem(Omniglot(pictures)).code == "layout"
    (tmp_path / "empty").mkdir()
    found = problem(Omniglot(tmp_path / "empty"))
    assert found.code == "empty"
    assert "metaspec data fetch omniglot" in found.help
    assert problem(Omniglot(tmp_path / "nowhere")).code == "path-missing"


def test_omniglot_broken_image_is_named_in_folder_and_zip(omniglot_folder, tmp_path, pack):
    name = "images_background/Cyrillic/character03/0009_02.png"
    whole = (omniglot_folder / name).read_bytes()
    (omniglot_folder / name).write_bytes(whole[: len(whole) // 2])
    found = problem(Omniglot(omniglot_folder))
    assert found.code == "broken-image"
    assert "Cyrillic/character03/0009_02.png" in found.message
    found = problem(Omniglot(pack(omniglot_folder, tmp_path / "all.zip")))
    assert found.code == "broken-image"
    assert name in found.message


def test_broken_zip_is_named(omniglot_zips):
    archive = omniglot_zips / "images_background.zip"
    content = archive.read_bytes()
    archive.write_bytes(content[: len(content) // 2])
    found = problem(Omniglot(omniglot_zips))
    assert found.code == "broken-archive"
    assert "images_background.zip" in found.message


def test_damaged_member_of_a_zip_is_named(omniglot_zips):
    archive = omniglot_zips / "images_background.zip"
    with zipfile.ZipFile(archive) as opened:
        member = next(entry for entry in opened.infolist() if entry.filename.endswith("0004_03.png"))
    content = bytearray(archive.read_bytes())
    start = member.header_offset + 30 + len(member.filename)
    content[start : start + member.compress_size] = bytes(member.compress_size)
    archive.write_bytes(content)
    found = problem(Omniglot(omniglot_zips))
    assert found.code == "broken-archive"
    assert "0004_03.png" in found.message


def test_real_omniglot_background(real_omniglot):
    table = Omniglot(real_omniglot).table()
    assert len(table.groups()) == 30
    assert len(table.classes) == 964
    assert table.items == 19_280
    assert set(table.counts.tolist()) == {20}


# Image folders


def test_image_folder_sizes_and_formats(pictures):
    table, items = decode(ImageFolder(pictures))
    assert [(entry.name, entry.items) for entry in table.classes] == [("ant", 5), ("bee", 4), ("cat", 6)]
    assert items.shape == (15, 12, 10, 3)
    for row, name in ((0, "ant/0.png"), (5, "bee/0.bmp"), (14, "cat/5.webp")):
        np.testing.assert_array_equal(items[row], np.asarray(Image.open(pictures / name)))


def test_image_folder_resizes_to_grey(pictures):
    table, items = decode(ImageFolder(pictures, size=(6, 5), channels=1, resample="box"))
    assert table.item_shape == (6, 5, 1)
    grey = np.asarray(Image.open(pictures / "ant/0.png").convert("L"), dtype=np.float64)
    np.testing.assert_allclose(items[0, :, :, 0], grey.reshape(6, 2, 5, 2).mean(axis=(1, 3)), atol=1)
    _, inverted = decode(ImageFolder(pictures, size=(6, 5), channels=1, resample="box", invert=True))
    np.testing.assert_array_equal(inverted, 255 - items)


def test_image_folder_in_a_zip_with_and_without_its_own_folder(pictures, tmp_path, pack):
    plain, plain_items = decode(ImageFolder(pictures))
    packed, packed_items = decode(ImageFolder(pack(pictures, tmp_path / "pictures.zip")))
    assert packed.classes == plain.classes
    assert packed.fingerprint == plain.fingerprint
    np.testing.assert_array_equal(packed_items, plain_items)


def test_image_folder_groups_and_official_parts(pictures, tmp_path):
    root = tmp_path / "parted"
    for part, name in (("train", "birds/ant"), ("val", "birds/bee"), ("test", "mammals/cat")):
        (root / part / name).parent.mkdir(parents=True)
        (pictures / name.split("/")[1]).rename(root / part / name)
    classes = ImageFolder(root).table().classes
    assert {(entry.name, entry.group, entry.origin) for entry in classes} == {
        ("birds/ant", "birds", "train"),
        ("birds/bee", "birds", "validation"),
        ("mammals/cat", "mammals", "test"),
    }


def test_image_folder_turns_pictures_upright_and_puts_transparent_ones_on_white(tmp_path):
    folder = tmp_path / "root" / "a"
    folder.mkdir(parents=True)
    upright = Image.fromarray(np.arange(24, dtype=np.uint8).reshape(4, 6) * 10)
    exif = Image.Exif()
    exif[0x0112] = 8  # the camera was turned: show it a quarter turn counter-clockwise
    upright.save(folder / "0.png", exif=exif)
    Image.new("RGBA", (4, 6), (0, 0, 0, 0)).save(folder / "1.png")
    _, items = decode(ImageFolder(tmp_path / "root", channels=1))
    np.testing.assert_array_equal(items[0, :, :, 0], np.rot90(np.asarray(upright)))
    assert (items[1] == 255).all()


def test_image_folder_pictures_of_different_sizes_need_a_size(pictures):
    Image.new("RGB", (3, 3)).save(pictures / "bee" / "9.png")
    found = problem(ImageFolder(pictures))
    assert found.field == "size"
    assert "bee/9.png" in found.message
    assert decode(ImageFolder(pictures, size=(8, 8)))[1].shape == (16, 8, 8, 3)


def test_image_folder_bad_data(pictures, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "notes.txt").write_text("no pictures here")
    assert problem(ImageFolder(tmp_path / "empty")).code == "empty"
    (pictures / "bee" / "1.bmp").write_text("not a picture")
    found = problem(ImageFolder(pictures))
    assert (found.code, found.field) == ("broken-image", "path")
    assert "bee/1.bmp" in found.message
    Image.new("RGB", (10, 12)).save(pictures / "loose.png")
    assert "loose.png" in problem(ImageFolder(pictures)).message


def test_read_pictures_takes_a_flat_folder(pictures):
    names, items = read_pictures(ImageFolder(pictures / "ant", size=(8, 8)))
    assert names == tuple(f"{item}.png" for item in range(5))
    assert items.shape == (5, 8, 8, 3)


# Arrays


def test_arrays_keep_values_and_order_within_a_class(tmp_path):
    inputs = np.arange(24, dtype=np.float64).reshape(6, 2, 2) / 7
    labels = np.array([3, 1, 3, 1, 2, 3])
    np.savez(tmp_path / "data.npz", inputs=inputs, labels=labels)
    table, items = decode(Arrays(tmp_path / "data.npz"))
    assert [(entry.name, entry.items) for entry in table.classes] == [("1", 2), ("2", 1), ("3", 3)]
    assert (table.item_shape, table.item_type) == ((2, 2, 1), "float32")
    np.testing.assert_array_equal(items[..., 0], inputs[[1, 3, 4, 0, 2, 5]].astype(np.float32))


def test_arrays_of_bytes_names_and_vectors(tmp_path):
    np.savez(tmp_path / "a.npz", inputs=np.zeros((4, 5), np.uint8), labels=np.array(["x", "é", "x", "é"]))
    table = Arrays(tmp_path / "a.npz").table()
    assert ([entry.name for entry in table.classes], table.item_shape, table.item_type) == (
        ["x", "é"],
        (5,),
        "uint8",
    )
    np.savez(tmp_path / "b.npz", inputs=np.zeros((4, 5)), labels=np.array([b"x", b"y", b"x", b"y"]))
    assert [entry.name for entry in Arrays(tmp_path / "b.npz").table().classes] == ["x", "y"]


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({"inputs": np.zeros((3, 2))}, "holds the arrays inputs"),
        ({"inputs": np.zeros((3, 2)), "labels": np.zeros(2, int)}, "3 inputs and 2 labels"),
        ({"inputs": np.zeros(3), "labels": np.zeros(3, int)}, "not rows of numbers"),
        ({"inputs": np.zeros((3, 2)), "labels": np.zeros(3)}, "labels that are not"),
        ({"inputs": np.array([[1.0], [np.nan]]), "labels": np.zeros(2, int)}, "row 1 of inputs"),
        ({"inputs": np.array([[1e300], [0.0]]), "labels": np.zeros(2, int)}, "row 0 of inputs"),
        ({"inputs": np.zeros((0, 2)), "labels": np.zeros(0, int)}, "no items"),
    ],
)
def test_arrays_that_do_not_fit(tmp_path, arrays, words):
    np.savez(tmp_path / "bad.npz", **arrays)
    found = problem(Arrays(tmp_path / "bad.npz"))
    assert words in found.message
    assert "bad.npz" in found.message


def test_arrays_never_unpickle(tmp_path):
    trap = tmp_path / "ran"

    class Trap:
        def __reduce__(self):
            return (Path.touch, (trap,))

    np.savez(tmp_path / "evil.npz", inputs=np.array([[Trap()]], dtype=object), labels=np.zeros(1, int))
    assert problem(Arrays(tmp_path / "evil.npz")).code == "broken-archive"
    assert not trap.exists()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut short", b"plain text"])
def test_arrays_that_are_no_npz(tmp_path, content):
    (tmp_path / "bad.npz").write_bytes(content)
    assert problem(Arrays(tmp_path / "bad.npz")).code == "broken-archive"


def test_arrays_single_array_and_missing(tmp_path):
    np.save(tmp_path / "one.npy", np.zeros((3, 2)))
    assert problem(Arrays(tmp_path / "one.npy")).code == "arrays"
    assert problem(Arrays(tmp_path / "none.npz")).code == "path-missing"


# Digits and glyphs


def test_digits_are_scikit_learns():
    from sklearn.datasets import load_digits

    bunch = load_digits()
    table, items = decode(Digits())
    assert table.items == 1797
    for digit in range(10):
        rows = slice(int(table.offsets[digit]), int(table.offsets[digit] + table.counts[digit]))
        np.testing.assert_allclose(items[rows, :, :, 0], bunch.images[bunch.target == digit] / 16)


def test_glyphs_follow_their_seed():
    small = Glyphs(alphabets=2, characters=3, drawings=4, seed=5)
    _, items = decode(small)
    np.testing.assert_array_equal(items, decode(small)[1])
    other = decode(Glyphs(alphabets=2, characters=3, drawings=4, seed=6))[1]
    assert not np.array_equal(items, other)


def test_more_alphabets_leave_the_first_as_they_are():
    few = decode(Glyphs(alphabets=1, characters=3, drawings=4))[1]
    many = decode(Glyphs(alphabets=2, characters=3, drawings=4))[1]
    np.testing.assert_array_equal(many[:12], few)


def test_glyphs_are_ink_on_an_empty_ground_and_drawings_differ():
    table, items = decode(Glyphs(alphabets=6, characters=6, drawings=5))
    ink = (items > 127).mean(axis=(1, 2, 3))
    assert ink.min() > 0.01
    assert ink.max() < 0.5
    assert (items == 0).mean() > 0.6
    assert len({item.tobytes() for item in items}) == table.items


def nearest_neighbour_accuracy(items: np.ndarray, classes: int, drawings: int) -> float:
    flat = items.reshape(classes, drawings, -1).astype(np.float32)
    random = np.random.default_rng(0)
    hits = []
    for _ in range(300):
        chosen = random.choice(classes, 5, replace=False)
        shot, query = random.choice(drawings, 2, replace=False)
        distances = np.square(flat[chosen, query][:, None] - flat[chosen, shot][None]).sum(axis=2)
        hits.append((distances.argmin(axis=1) == np.arange(5)).mean())
    return float(np.mean(hits))


def test_glyphs_are_neither_trivial_nor_hopeless_for_a_nearest_neighbour():
    _, items = decode(Glyphs(alphabets=8, characters=10, drawings=10))
    assert 0.4 < nearest_neighbour_accuracy(items, 80, 10) < 0.8  # chance is 0.2

"""Mini ImageNet, tiered ImageNet and CIFAR-FS: small ones in each of their layouts, and what is said of bad ones."""

import csv
import io
import os
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from metaspec.data import arrays_of_pickle
from metaspec.data.classes import ClassTable
from metaspec.data.errors import DataError
from metaspec.data.official_parts import OfficialParts
from metaspec.data.pools import class_pools
from metaspec.data.splits import Official
from metaspec.data.store import open_store
from metaspec.kinds import registry

SIZE, EACH = 12, 3
CLASSES = {"train": ("n01", "n05"), "val": ("n02",), "test": ("n03", "n04")}


def pixels(name: str, number: int) -> np.ndarray:
    """(12, 12, 3) uint8, different for every class and picture."""
    draw = np.random.default_rng([int(name[1:]), number])
    return draw.integers(0, 256, (SIZE, SIZE, 3), dtype=np.uint8)


def png(values: np.ndarray) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(values).save(stream, "PNG")
    return stream.getvalue()


def items_of(part: str):
    """(class, number) in an order that is not that of the classes."""
    return [(name, number) for number in range(EACH) for name in reversed(CLASSES[part])]


def listed(root: Path) -> None:
    (root / "images").mkdir(parents=True)
    for part in CLASSES:
        with (root / f"{part}.csv").open("w", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(("filename", "label"))
            for name, number in items_of(part):
                rows.writerow((f"{name}_{number}.png", name))
                (root / "images" / f"{name}_{number}.png").write_bytes(png(pixels(name, number)))


def named(root: Path) -> None:
    (root / "splits/bertinetto").mkdir(parents=True)
    for part, names in CLASSES.items():
        (root / f"splits/bertinetto/{part}.txt").write_text("\n".join(names) + "\n")
        for name, number in items_of(part):
            (root / "data" / name).mkdir(parents=True, exist_ok=True)
            (root / "data" / name / f"{number}.png").write_bytes(png(pixels(name, number)))


def stacked(part: str) -> np.ndarray:
    return np.stack([pixels(name, number) for name, number in items_of(part)])


def grouped(root: Path, protocol: int = 2) -> None:
    """`image_data` and `class_dict`, as the cache of mini ImageNet."""
    root.mkdir(parents=True)
    for part in CLASSES:
        groups = {name: [row for row, (each, _) in enumerate(items_of(part)) if each == name] for name in CLASSES[part]}
        content = {"image_data": stacked(part), "class_dict": groups}
        (root / f"mini-imagenet-cache-{part}.pkl").write_bytes(pickle.dumps(content, protocol))


def labelled(root: Path) -> None:
    """`data` and `labels`, with the training classes' other items beside, as MetaOptNet's files."""
    root.mkdir(parents=True)
    for part in CLASSES:
        content = {"data": stacked(part), "labels": [name for name, _ in items_of(part)]}
        name = "train_phase_train" if part == "train" else part
        (root / f"miniImageNet_category_split_{name}.pickle").write_bytes(pickle.dumps(content))
    other = {"data": stacked("train"), "labels": ["n01"] * (EACH * 2)}
    (root / "miniImageNet_category_split_train_phase_test.pickle").write_bytes(pickle.dumps(other))


def compressed(root: Path) -> None:
    """PNG bytes in a list, labels in a file of their own, as tiered ImageNet."""
    root.mkdir(parents=True)
    for part in CLASSES:
        images = [np.frombuffer(png(pixels(*each)), np.uint8)[:, None] for each in items_of(part)]
        names = sorted(CLASSES[part])
        labels = {
            "label_specific": np.array([names.index(name) for name, _ in items_of(part)]),
            "label_specific_str": names,
        }
        (root / f"{part}_images_png.pkl").write_bytes(pickle.dumps(images, 4))
        (root / f"{part}_labels.pkl").write_bytes(pickle.dumps(labels, 4))


def zipped(root: Path) -> None:
    """npz of images and of labels."""
    root.mkdir(parents=True)
    for part in CLASSES:
        names = np.array([name for name, _ in items_of(part)])
        np.savez(root / f"{part}.npz", images=stacked(part), labels=names)


LAYOUTS = [listed, named, grouped, labelled, compressed, zipped]


def decode(root: Path, size: int = SIZE) -> tuple[ClassTable, np.ndarray]:
    source = OfficialParts("mini_imagenet", root, size)
    table = source.table()
    items = np.zeros((table.items, *table.item_shape), table.item_type)
    source.fill(table, items)
    return table, items


def problem(root: Path) -> DataError:
    with pytest.raises(DataError) as caught:
        decode(root)
    return caught.value


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_has_the_same_items(layout, tmp_path):
    layout(tmp_path / "data")
    table, items = decode(tmp_path / "data")
    assert {entry.name: (entry.origin, entry.items) for entry in table.classes} == {
        name: ({"val": "validation"}.get(part, part), EACH) for part, names in CLASSES.items() for name in names
    }
    for entry, first in zip(table.classes, table.offsets, strict=True):
        found = {items[first + number].tobytes() for number in range(EACH)}
        assert found == {pixels(entry.name, number).tobytes() for number in range(EACH)}
    pools = class_pools(table, Official(0))
    assert [len(getattr(pools, part)) for part in ("train", "validation", "test")] == [2, 1, 2]


@pytest.mark.parametrize("protocol", range(6))
def test_pickles_of_every_protocol(protocol, tmp_path):
    grouped(tmp_path / "data", protocol)
    assert decode(tmp_path / "data")[0].items == 15


def test_a_zip_of_pictures_is_read_in_place(tmp_path, pack):
    listed(tmp_path / "mini")
    table, items = decode(tmp_path / "mini")
    packed_table, packed_items = decode(pack(tmp_path / "mini", tmp_path / "mini.zip"))
    assert packed_table.fingerprint == table.fingerprint
    np.testing.assert_array_equal(packed_items, items)


@pytest.mark.parametrize("layout", [listed, grouped])
def test_pictures_take_the_size_that_is_asked_for(layout, tmp_path):
    layout(tmp_path / "data")
    _, items = decode(tmp_path / "data", 6)
    assert items.shape == (15, 6, 6, 3)
    wanted = Image.fromarray(pixels("n01", 0)).resize((6, 6), Image.Resampling.BILINEAR)
    assert any((np.asarray(wanted) == item).all() for item in items[:EACH])


def test_workers_map_the_items(tmp_path):
    compressed(tmp_path / "data")
    store = open_store(OfficialParts("tiered_imagenet", tmp_path / "data", SIZE), tmp_path / "cache")
    assert isinstance(store.items, np.memmap)
    assert store.path is not None


def test_kinds_read_them(tmp_path):
    listed(tmp_path / "data")
    for name in ("mini_imagenet", "tiered_imagenet", "cifar_fs"):
        kind = registry.load("data", name)(path=str(tmp_path / "data"), size=SIZE)
        assert kind.source(tmp_path / "data").table().item_shape == kind.item_shape == (SIZE, SIZE, 3)


class Evil:
    def __reduce__(self):
        return os.system, ("touch evil",)


def test_a_pickle_runs_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    grouped(tmp_path / "data")
    path = tmp_path / "data/mini-imagenet-cache-val.pkl"
    path.write_bytes(pickle.dumps({"image_data": Evil(), "class_dict": {}}))
    found = problem(tmp_path / "data")
    assert (found.code, "posix.system" in found.message) == ("broken-archive", True)
    assert not (tmp_path / "evil").exists()


@pytest.mark.parametrize(
    "program",
    [
        b"cbuiltins\neval\n(S'1'\ntR.",
        b"cnumpy\nload\n(S'x'\ntR.",
        b"cnumpy.core.multiarray\n_reconstruct\n}S'does'\nNsb.",  # a state for one of the allowed functions
        b"Px\n.",
        b"\x80\x04garbage",
        b"",
    ],
)
def test_programs_and_garbage_are_refused(program, tmp_path):
    (tmp_path / "x.pkl").write_bytes(program)
    with pytest.raises(DataError) as caught:
        arrays_of_pickle.load(tmp_path / "x.pkl")
    assert caught.value.code == "broken-archive"


def test_arrays_of_every_plain_type_come_back(tmp_path):
    content = {
        "numbers": np.arange(6, dtype=">i4").reshape(2, 3).T,
        "floats": np.linspace(0, 1, 3),
        "flags": np.array([True, False]),
        "words": np.array(["a", "bc"]),
        "mixed": np.array([np.zeros(2, np.uint8), np.ones(3, np.uint8)], dtype=object),
        "one": np.float64(0.5),
        "empty": np.zeros((0, 4)),
    }
    for protocol in range(6):
        (tmp_path / "x.pkl").write_bytes(pickle.dumps(content, protocol))
        found = arrays_of_pickle.load(tmp_path / "x.pkl")
        for name in ("numbers", "floats", "flags", "words", "one", "empty"):
            np.testing.assert_array_equal(found[name], content[name])
        assert [each.tolist() for each in found["mixed"]] == [[0, 0], [1, 1, 1]]


def test_what_is_missing_is_named(tmp_path):
    listed(tmp_path / "data")
    (tmp_path / "data/images/n02_1.png").unlink()
    found = problem(tmp_path / "data")
    assert (found.code, "n02_1.png, which val.csv lists" in found.message) == ("layout", True)
    (tmp_path / "data/val.csv").unlink()
    assert "no file of the part val" in problem(tmp_path / "data").message
    named(tmp_path / "other")
    (tmp_path / "other/splits/bertinetto/val.txt").write_text("n09\n")
    assert "class n09" in problem(tmp_path / "other").message
    (tmp_path / "nothing").mkdir()
    assert problem(tmp_path / "nothing").code == "empty"
    (tmp_path / "nothing/readme.txt").write_text("x")
    assert problem(tmp_path / "nothing").code == "layout"


def test_bad_lists_pictures_and_arrays_are_named(tmp_path):
    listed(tmp_path / "data")
    (tmp_path / "data/test.csv").write_text("file,class\na,b\n")
    assert "lacks a filename or a label" in problem(tmp_path / "data").message
    listed(tmp_path / "broken")
    (tmp_path / "broken/images/n03_0.png").write_bytes(b"no picture")
    assert problem(tmp_path / "broken").code == "broken-image"
    zipped(tmp_path / "npz")
    np.savez(tmp_path / "npz/val.npz", images=stacked("val"))
    assert "neither labels nor a class_dict" in problem(tmp_path / "npz").message
    (tmp_path / "npz/val.npz").write_bytes(b"no zip")
    assert problem(tmp_path / "npz").code == "broken-archive"
    assert zipfile.is_zipfile(tmp_path / "npz/test.npz")


def test_a_class_in_two_parts_is_an_error(tmp_path):
    named(tmp_path / "data")
    (tmp_path / "data/splits/bertinetto/test.txt").write_text("n01\n")
    assert problem(tmp_path / "data").code == "shared-class"

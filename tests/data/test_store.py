import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from metaspec.data.digits import Digits
from metaspec.data.errors import DataError
from metaspec.data.glyphs import Glyphs
from metaspec.data.omniglot import Omniglot
from metaspec.data.store import cache_folder, open_store

SMALL = Glyphs(alphabets=2, characters=2, drawings=3)


def decoded(source: Glyphs | Omniglot) -> np.ndarray:
    table = source.table()
    items = np.empty((table.items, *table.item_shape), dtype=table.item_type)
    source.fill(table, items)
    return items


def files(cache: Path) -> list[str]:
    return sorted(path.suffix for path in cache.rglob("*") if path.is_file())


def test_first_opening_decodes_and_the_second_reads(tmp_path):
    calls: list[tuple[int, int]] = []
    first = open_store(SMALL, tmp_path, progress=lambda done, total: calls.append((done, total)))
    assert calls[-1] == (12, 12)
    np.testing.assert_array_equal(first.items, decoded(SMALL))
    assert files(tmp_path) == [".json", ".npy"]
    before = first.path.stat()
    calls.clear()
    second = open_store(SMALL, tmp_path, progress=lambda done, total: calls.append((done, total)))
    assert calls == []
    assert (second.path, second.path.stat().st_mtime_ns) == (first.path, before.st_mtime_ns)
    assert isinstance(second.items, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        second.items[0] = 0


def test_pictures_scale_to_one_and_small_sets_stay_in_memory(tmp_path):
    assert open_store(SMALL, tmp_path).scale == 1 / 255
    digits = open_store(Digits(), tmp_path / "unused")
    assert (digits.path, digits.scale) == (None, 1.0)
    assert digits.items.max() == 1.0
    assert not digits.items.flags.writeable
    assert not (tmp_path / "unused").exists()


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def flip_a_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-5] ^= 1
    path.write_bytes(content)


def break_header(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[:6] = b"broken"
    path.write_bytes(content)


def break_manifest(path: Path) -> None:
    path.with_suffix(".json").write_text("{")


def another_shape(path: Path) -> None:
    np.save(path, np.load(path).reshape(4, 3, 28, 28, 1))
    manifest = json.loads(path.with_suffix(".json").read_text())
    path.with_suffix(".json").write_text(json.dumps(manifest | {"bytes": path.stat().st_size}))


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (cut_short, "bytes instead of"),
        (flip_a_bit, "another checksum"),
        (break_header, "not an array"),
        (break_manifest, "manifest cannot be read"),
        (another_shape, "another shape"),
    ],
)
def test_damaged_cache_is_decoded_again_with_a_note(tmp_path, damage, words):
    path = open_store(SMALL, tmp_path).path
    damage(path)
    notes: list[str] = []
    np.testing.assert_array_equal(open_store(SMALL, tmp_path, note=notes.append).items, decoded(SMALL))
    assert len(notes) == 1
    assert words in notes[0]
    assert str(path) in notes[0]
    assert open_store(SMALL, tmp_path, note=notes.append).path == path
    assert len(notes) == 1


def test_missing_manifest_means_decoding_again_without_a_note(tmp_path):
    path = open_store(SMALL, tmp_path).path
    path.with_suffix(".json").unlink()
    notes: list[str] = []
    open_store(SMALL, tmp_path, note=notes.append)
    assert notes == []
    assert path.with_suffix(".json").exists()


def test_changed_data_or_settings_get_a_file_of_their_own(omniglot_folder, tmp_path):
    cache = tmp_path / "cache"
    source = Omniglot(omniglot_folder)
    paths = {open_store(source, cache).path, open_store(Omniglot(omniglot_folder, size=14), cache).path}
    drawing = omniglot_folder / "images_background/Bengali/character02/0005_01.png"
    drawing.write_bytes((omniglot_folder / "images_background/Bengali/character02/0005_02.png").read_bytes())
    changed = open_store(source, cache)
    np.testing.assert_array_equal(changed.items, decoded(source))
    assert len(paths | {changed.path}) == 3


def test_a_failed_decoding_leaves_nothing_behind(omniglot_folder, tmp_path):
    (omniglot_folder / "images_evaluation/Zigzag/character03/0006_04.png").write_bytes(b"")
    with pytest.raises(DataError, match=r"0006_04\.png"):
        open_store(Omniglot(omniglot_folder), tmp_path / "cache")
    assert files(tmp_path / "cache") == []


def test_processes_that_start_at_once_agree(tmp_path):
    code = (
        "import sys, hashlib; from pathlib import Path; from metaspec.data.glyphs import Glyphs\n"
        "from metaspec.data.store import open_store\n"
        "store = open_store(Glyphs(alphabets=2, characters=2, drawings=3), Path(sys.argv[1]))\n"
        "print(hashlib.sha256(store.items.tobytes()).hexdigest())"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    answers = {process.communicate(timeout=60)[0] for process in running}
    assert [process.returncode for process in running] == [0, 0, 0]
    assert len(answers) == 1
    assert files(tmp_path) == [".json", ".npy"]


def test_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="METASPEC_CACHE") as caught:
        open_store(SMALL, tmp_path / "file")
    assert caught.value.code == "cache"


def test_cache_folder_follows_the_environment():
    assert cache_folder({"METASPEC_CACHE": "/a/b", "XDG_CACHE_HOME": "/c"}) == Path("/a/b")
    assert cache_folder({"XDG_CACHE_HOME": "/c"}) == Path("/c/metaspec")
    assert cache_folder({}) == Path.home() / ".cache/metaspec"


def test_real_omniglot_decodes(real_omniglot, tmp_path):
    store = open_store(Omniglot(real_omniglot), tmp_path)
    assert store.items.shape == (19_280, 28, 28, 1)
    ink = (store.items > 127).mean(axis=(1, 2, 3))
    assert 0.02 < ink.mean() < 0.2  # ink is the bright part
    assert (store.items.reshape(19_280, -1).max(axis=1) > 100).all()

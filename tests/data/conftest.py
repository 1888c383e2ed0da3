"""Small data sets in their official layouts, and the real Omniglot where it is at hand."""

import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

ALPHABETS = ("Angelic", "Bengali", "Cyrillic", "Futurama", "Zigzag")
CHARACTERS = 3
DRAWINGS = 4


def write_omniglot_part(root: Path, alphabets: tuple[str, ...]) -> None:
    """Black ink on white, 105 x 105, one bit: a black square whose place tells character and drawing."""
    number = 0
    for alphabet in alphabets:
        for character in range(1, CHARACTERS + 1):
            number += 1
            folder = root / alphabet / f"character{character:02d}"
            folder.mkdir(parents=True)
            for drawing in range(1, DRAWINGS + 1):
                pixels = np.full((105, 105), 255, dtype=np.uint8)
                top, left = 20 * (character - 1), 20 * (drawing - 1)
                pixels[top : top + 20, left : left + 20] = 0
                picture = Image.fromarray(pixels).convert("1")
                picture.save(folder / f"{number:04d}_{drawing:02d}.png")


def zip_folder(folder: Path, archive: Path) -> Path:
    """What `zip -r archive folder` makes: names begin with the folder, folders have entries."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for path in sorted((folder, *folder.rglob("*"))):
            packed.write(path, path.relative_to(folder.parent).as_posix())
    return archive


@pytest.fixture
def pack() -> Callable[[Path, Path], Path]:
    return zip_folder


@pytest.fixture
def omniglot_folder(tmp_path: Path) -> Path:
    root = tmp_path / "omniglot"
    write_omniglot_part(root / "images_background", ALPHABETS[:3])
    write_omniglot_part(root / "images_evaluation", ALPHABETS[3:])
    return root


@pytest.fixture
def omniglot_zips(omniglot_folder: Path, tmp_path: Path) -> Path:
    root = tmp_path / "packed"
    root.mkdir()
    for part in ("images_background", "images_evaluation"):
        zip_folder(omniglot_folder / part, root / f"{part}.zip")
    return root


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Three classes of 5, 4 and 6 colour pictures, 12 x 10, in different formats."""
    root = tmp_path / "pictures"
    random = np.random.default_rng(0)
    for name, count, suffix in (("ant", 5, "png"), ("bee", 4, "bmp"), ("cat", 6, "webp")):
        (root / name).mkdir(parents=True)
        for item in range(count):
            pixels = random.integers(0, 256, (12, 10, 3), dtype=np.uint8)
            options = {"lossless": True} if suffix == "webp" else {}
            Image.fromarray(pixels).save(root / name / f"{item}.{suffix}", **options)
    return root


@pytest.fixture(scope="session")
def real_omniglot() -> Path:
    """The folder with the real images_background.zip."""
    places = [Path(__file__).parents[3] / "shared" / "data" / "omniglot"]
    if os.environ.get("METASPEC_DATA"):
        places.insert(0, Path(os.environ["METASPEC_DATA"]) / "omniglot")
    for place in places:
        if (place / "images_background.zip").exists():
            return place
    pytest.skip(f"needs images_background.zip of Omniglot in one of {', '.join(map(str, places))}")

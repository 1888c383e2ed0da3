"""Makes a small folder of pictures to try `image_folder` on: coloured shapes, one folder for each class.

    python make_images.py [FOLDER]

A class is a shape in a colour; its pictures differ in place, size, turn and brightness.
"""

import sys
from colorsys import hsv_to_rgb
from math import cos, pi, sin
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

CORNERS = (3, 4, 5, 6, 8, 40)  # 40 looks like a circle
HUES = (0.0, 0.08, 0.16, 0.33, 0.48, 0.6, 0.75, 0.88)
PICTURES, SIZE = 16, 48


def draw(corners: int, hue: float, random: np.random.Generator) -> Image.Image:
    """One picture of a class, SIZE x SIZE."""
    ground = int(random.integers(20, 90))
    picture = Image.new("RGB", (SIZE, SIZE), (ground, ground, ground))
    radius, turn = random.uniform(9, 18), random.uniform(0, 2 * pi)
    x, y = random.uniform(radius, SIZE - radius, size=2)
    outline = [
        (x + radius * cos(turn + 2 * pi * corner / corners), y + radius * sin(turn + 2 * pi * corner / corners))
        for corner in range(corners)
    ]
    color = tuple(round(255 * part) for part in hsv_to_rgb(hue, 0.8, random.uniform(0.6, 1.0)))
    ImageDraw.Draw(picture).polygon(outline, fill=color)
    return picture


def main(folder: Path) -> None:
    random = np.random.default_rng(0)
    for number, (corners, hue) in enumerate((corners, hue) for corners in CORNERS for hue in HUES):
        here = folder / f"class_{number:02d}"
        here.mkdir(parents=True, exist_ok=True)
        for picture in range(PICTURES):
            draw(corners, hue, random).save(here / f"{picture:02d}.png")
    print(f"{len(CORNERS) * len(HUES)} classes of {PICTURES} pictures in {folder}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "pictures")

"""From the bytes of a picture to an array of one size: Pillow does the work, here are the rules."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import BinaryIO, Literal

import numpy as np
from PIL import Image, ImageOps

from metaspec.data.errors import DataError
from metaspec.data.files import DAMAGED

Filter = Literal["nearest", "box", "bilinear", "hamming", "bicubic", "lanczos"]

_FILTERS: dict[str, Image.Resampling] = {member.name.lower(): member for member in Image.Resampling}
_BROKEN = (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError)


def decode_image(
    content: bytes, name: str, size: tuple[int, int], channels: int, resample: Filter, invert: bool = False
) -> np.ndarray:
    """Decode, turn upright, make grey (channels 1) or colour (3), resize: (height, width, channels) uint8.

    size: (height, width); a picture of another shape is stretched. Transparent parts become white.
    invert: dark ink on white becomes 255 on 0. Raises DataError broken-image with `name`.
    """
    try:
        with Image.open(io.BytesIO(content)) as opened:
            picture = _on_white(ImageOps.exif_transpose(opened)).convert("L" if channels == 1 else "RGB")
    except _BROKEN as error:
        raise _broken(name) from error
    height, width = size
    if picture.size != (width, height):
        picture = picture.resize((width, height), _FILTERS[resample])
    pixels = np.asarray(picture, dtype=np.uint8).reshape(height, width, channels)
    return 255 - pixels if invert else pixels


def resized(pixels: np.ndarray, size: tuple[int, int], resample: Filter) -> np.ndarray:
    """A picture (height, width, 3) uint8 in another size; as it is where it has that size."""
    if pixels.shape[:2] == size:
        return pixels
    height, width = size
    return np.asarray(Image.fromarray(np.ascontiguousarray(pixels)).resize((width, height), _FILTERS[resample]))


def image_size(content: bytes, name: str) -> tuple[int, int]:
    """(height, width) of the upright picture, from its header. Raises DataError broken-image with `name`."""
    try:
        with Image.open(io.BytesIO(content)) as opened:
            width, height = opened.size
            quarter_turned = opened.getexif().get(0x0112, 1) in (5, 6, 7, 8)
    except _BROKEN as error:
        raise _broken(name) from error
    return (width, height) if quarter_turned else (height, width)


def is_picture(opened: Callable[[], BinaryIO]) -> bool:
    """Whether a file begins as a picture in a format that Pillow reads; not whether it goes on as one."""
    try:
        with opened() as stream, Image.open(stream):
            return True
    except (*_BROKEN, *DAMAGED):
        return False


def image_suffixes() -> frozenset[str]:
    """File name endings, in lower case, of every format that Pillow reads here."""
    by_suffix = Image.registered_extensions()
    return frozenset(suffix for suffix, kind in by_suffix.items() if kind in Image.OPEN)


def _on_white(picture: Image.Image) -> Image.Image:
    if not picture.has_transparency_data:
        return picture
    layered = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", layered.size, "white"), layered)


def _broken(name: str) -> DataError:
    return DataError(
        "broken-image",
        f"{name} cannot be read as an image",
        "replace the file or remove it from the data",
        "path",
    )

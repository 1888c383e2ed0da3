"""From the bytes of a picture to an array of one size: Pillow does the work, here are the rules."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

import numpy as np
from PIL import Image, ImageOps

from metaspec.data.depths import in_bytes, refusal
from metaspec.data.errors import DataError
from metaspec.data.files import DAMAGED, PERMISSION

Filter = Literal["nearest", "box", "bilinear", "hamming", "bicubic", "lanczos"]

_FILTERS: dict[str, Image.Resampling] = {member.name.lower(): member for member in Image.Resampling}
_BROKEN = (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError)


@dataclass(frozen=True, slots=True)
class Fault:
    """Why files are not taken as pictures: what is said of one of them and of several, and the way out."""

    of_one: str
    of_many: str
    help: str


NO_PICTURE = Fault(
    "cannot be read as an image", "cannot be read as images", "replace what is broken or remove it from the data"
)
FORBIDDEN = Fault("cannot be read: permission denied", "cannot be read: permission denied", PERMISSION)


def decode_image(
    content: bytes, name: str, size: tuple[int, int], channels: int, resample: Filter, invert: bool = False
) -> np.ndarray:
    """Decode, turn upright, make grey (channels 1) or colour (3), resize: (height, width, channels) uint8.

    size: (height, width); a picture of another shape is stretched. Transparent parts become white.
    Grey of 16 bits is brought to bytes by its whole range. invert: dark ink on white becomes 255 on 0.
    Raises DataError broken-image with `name`.
    """
    try:
        with Image.open(io.BytesIO(content)) as opened:
            refused = refusal(opened.mode, opened.format)
            if not refused:
                upright = in_bytes(ImageOps.exif_transpose(opened))
                picture = _on_white(upright).convert("L" if channels == 1 else "RGB")
    except _BROKEN as error:
        raise _broken(name, NO_PICTURE) from error
    if refused:
        raise _broken(name, _refused(refused))
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
        raise _broken(name, NO_PICTURE) from error
    return (width, height) if quarter_turned else (height, width)


def fault_of(opened: Callable[[], BinaryIO]) -> Fault | None:
    """Why a file is not taken as a picture, from how it begins; not whether it goes on as one. None: it is taken."""
    try:
        with opened() as stream, Image.open(stream) as picture:
            refused = refusal(picture.mode, picture.format)
    except PermissionError:
        return FORBIDDEN
    except (*_BROKEN, *DAMAGED):
        return NO_PICTURE
    return _refused(refused) if refused else None


def refuse_picture(path: Path, help: str) -> None:
    """Raises DataError layout where a path that should lead to many pictures leads to one."""
    if path.is_file() and fault_of(lambda: path.open("rb")) is None:
        raise DataError("layout", f"{path} is a picture", help, "path")


def image_suffixes() -> frozenset[str]:
    """File name endings, in lower case, of every format that Pillow reads here."""
    by_suffix = Image.registered_extensions()
    return frozenset(suffix for suffix, kind in by_suffix.items() if kind in Image.OPEN)


def _on_white(picture: Image.Image) -> Image.Image:
    if not picture.has_transparency_data:
        return picture
    layered = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", layered.size, "white"), layered)


def _refused(what: str) -> Fault:
    return Fault(what, what.replace("has ", "have ", 1), "save it in grey of 8 or 16 bits, or in colour of 8")


def _broken(name: str, fault: Fault) -> DataError:
    return DataError("broken-image", f"{name} {fault.of_one}", fault.help, "path")

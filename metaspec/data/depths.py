"""Pictures whose pixels are no bytes: grey ones of 16 bits become bytes, and what has no known range is refused.

Pillow cuts a larger number off at 255 where it makes a byte of it, so that a grey picture of 16 bits would be white.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

_WHITE = 65535
# Formats whose grey numbers Pillow gives as `I` are those with a white of their own, which it brings to 65535.
_SIXTEEN_BITS_AS_I = ("PNG", "PPM")


def refusal(mode: str, format: str | None) -> str | None:
    """What a picture of this mode has, where black and white cannot be told from it; None where they can."""
    if mode == "F":
        return "has floating-point pixels, whose black and white the file does not tell"
    if mode == "I" and format not in _SIXTEEN_BITS_AS_I:
        return "has pixels of 32 bits, whose black and white the file does not tell"
    if mode == "LAB":
        return "has colours in the space LAB, which cannot be turned into red, green and blue here"
    return None


def in_bytes(picture: Image.Image) -> Image.Image:
    """A picture with a byte for each channel: 0 .. 65535 becomes 0 .. 255, rounded; others are given back.

    Call `refusal` first. Pixels of the number that the file calls transparent become white.
    """
    if picture.mode != "I" and not picture.mode.startswith("I;16"):
        return picture
    values = np.asarray(picture).astype(np.int64)
    transparent = picture.info.get("transparency")
    if isinstance(transparent, int):
        values = np.where(values == transparent, _WHITE, values)
    return Image.fromarray(np.rint(np.clip(values, 0, _WHITE) * (255 / _WHITE)).astype(np.uint8))

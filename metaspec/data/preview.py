"""Pictures of episodes for reports and for looking at data."""

from __future__ import annotations

import numpy as np
from PIL import Image

from metaspec.data.gather import EpisodeBatch

_GAP = 2  # pixels around an item, before magnification


def contact_sheet(
    items: np.ndarray, columns: int, magnify: int = 2, paper: int = 255, invert: bool = False
) -> Image.Image:
    """items: (count, h, w, 1 or 3) uint8 or float32 in 0 .. 1, in rows of `columns`.

    paper: grey value, 0 .. 255, between the items. invert: bright ink on black becomes dark on white.
    """
    pictures = _as_bytes(items)
    if invert:
        pictures = 255 - pictures
    count, height, width, channels = pictures.shape
    rows = -(-count // columns)
    sheet = np.full((rows * (height + _GAP) + _GAP, columns * (width + _GAP) + _GAP, channels), paper, np.uint8)
    for place, picture in enumerate(pictures):
        top = _GAP + place // columns * (height + _GAP)
        left = _GAP + place % columns * (width + _GAP)
        sheet[top : top + height, left : left + width] = picture
    image = Image.fromarray(sheet[:, :, 0] if channels == 1 else sheet)
    return image.resize((image.width * magnify, image.height * magnify), Image.Resampling.NEAREST)


def episode_sheet(batch: EpisodeBatch, task: int, ways: int, magnify: int = 2, invert: bool = False) -> Image.Image:
    """One episode, a row for each class: support items, a line, query items. Masked shots are blank."""
    support = _as_bytes(batch.support_x[task])
    given = batch.support_weight[task][:, None, None, None] > 0
    support = np.where(given, support, np.uint8(0 if invert else 255))
    left = contact_sheet(support, len(support) // ways, magnify, invert=invert)
    right = contact_sheet(batch.query_x[task], len(batch.query_x[task]) // ways, magnify, invert=invert)
    line = _GAP * magnify
    sheet = Image.new(left.mode, (left.width + line + right.width, left.height))
    sheet.paste(left, (0, 0))
    sheet.paste(right, (left.width + line, 0))
    return sheet


def _as_bytes(items: np.ndarray) -> np.ndarray:
    if items.dtype == np.uint8:
        return items
    return (np.clip(items, 0.0, 1.0) * 255 + 0.5).astype(np.uint8)

"""Pictures of every mode that Pillow has: by their values, or refused with a reason."""

import io

import numpy as np
import pytest
from PIL import Image

from metaspec.data.errors import DataError
from metaspec.data.images import decode_image, fault_of

SIXTEEN = np.array([[0, 257, 20000, 40000, 65535]], np.uint16)
EXPECTED = [0, 1, 78, 156, 255]  # value / 257, rounded


def saved(picture: Image.Image, format: str, **options) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, format, **options)
    return stream.getvalue()


def grey(content: bytes, width: int, height: int = 1) -> list[int]:
    return decode_image(content, "a", (height, width), 1, "bilinear")[..., 0].ravel().tolist()


@pytest.mark.parametrize("format", ["PNG", "TIFF", "PPM"])
def test_grey_of_16_bits_is_scaled_by_its_range(format):
    content = saved(Image.fromarray(SIXTEEN), format)
    assert grey(content, 5) == EXPECTED
    colour = decode_image(content, "a", (1, 5), 3, "bilinear")
    assert colour[0].tolist() == [[value] * 3 for value in EXPECTED]
    assert fault_of(lambda: io.BytesIO(content)) is None


def test_big_endian_tiff_of_16_bits():
    content = saved(Image.frombytes("I;16B", (5, 1), SIXTEEN.astype(">u2").tobytes()), "TIFF")
    assert grey(content, 5) == EXPECTED


def test_grey_of_16_bits_is_resized_and_turned_like_grey_of_8():
    values = np.arange(24, dtype=np.uint16).reshape(4, 6) * 2570
    exif = Image.Exif()
    exif[0x0112] = 8
    deep = saved(Image.fromarray(values), "PNG", exif=exif)
    flat = saved(Image.fromarray((values // 257).astype(np.uint8)), "PNG", exif=exif)
    np.testing.assert_array_equal(decode_image(deep, "a", (3, 2), 1, "box"), decode_image(flat, "a", (3, 2), 1, "box"))


def test_the_transparent_number_of_16_bits_is_white():
    assert grey(saved(Image.fromarray(SIXTEEN), "PNG", transparency=20000), 5) == [0, 1, 255, 156, 255]


@pytest.mark.parametrize(("pixels", "reason"), [(np.int32, "pixels of 32 bits"), (np.float32, "floating-point pixels")])
def test_numbers_without_a_range_are_refused(pixels, reason):
    content = saved(Image.fromarray(SIXTEEN.astype(pixels)), "TIFF")
    with pytest.raises(DataError, match=f"scan.tif has {reason}") as caught:
        decode_image(content, "scan.tif", (1, 5), 1, "bilinear")
    assert "8 or 16 bits" in caught.value.help
    fault = fault_of(lambda: io.BytesIO(content))
    assert fault is not None and reason in fault.of_many and fault.of_many.startswith("have ")


def test_other_modes():
    two = Image.new("L", (2, 1))
    two.putdata([40, 200])
    assert grey(saved(two.convert("P"), "PNG"), 2) == [40, 200]
    assert grey(saved(two.convert("1", dither=Image.Dither.NONE), "PNG"), 2) == [0, 255]
    layered = Image.merge("LA", (two, Image.frombytes("L", (2, 1), bytes([255, 0]))))
    assert grey(saved(layered, "PNG"), 2) == [40, 255]  # what is transparent is white
    assert grey(saved(two.convert("P"), "PNG", transparency=200), 2) == [40, 255]
    inks = Image.new("CMYK", (2, 1), (0, 0, 0, 255))
    inks.putpixel((1, 0), (255, 0, 0, 0))
    assert decode_image(saved(inks, "TIFF"), "a", (1, 2), 3, "bilinear").tolist() == [[[0, 0, 0], [0, 255, 255]]]

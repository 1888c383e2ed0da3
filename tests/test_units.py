"""Units and printed figures."""

import pytest

from metaspec.units import (
    Dimension,
    find_unit,
    format_bytes,
    format_count,
    format_duration,
    in_base,
    unit_names,
)


@pytest.mark.parametrize(
    ("value", "name", "base"),
    [
        (30, "s", 30),
        (5, "min", 300),
        (1.5, "h", 5_400),
        (2, "GiB", 2**31),
        (3, "MB", 3_000_000),
        (7, "%", 0.07),
    ],
)
def test_values_in_base_units(value: float, name: str, base: float) -> None:
    unit = find_unit(name)
    assert unit is not None
    assert in_base(value, unit) == base


def test_bytes_are_whole_where_they_can_be() -> None:
    unit = find_unit("KiB")
    assert unit is not None
    assert isinstance(in_base(1.5, unit), int)


def test_names() -> None:
    assert find_unit("S") is None and find_unit("minutes") is None
    assert unit_names(Dimension.SHARE) == ("%",)
    assert {"s", "GiB", "%"} <= set(unit_names())


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0123, "12.3 ms"),
        (0.25, "0.25 s"),
        (9.96, "10 s"),
        (59.7, "1 min"),
        (200, "3 min 20 s"),
        (3_600, "1 h"),
        (7_500, "2 h 5 min"),
        (100_000, "1 d 3 h"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text


def test_bytes_and_counts() -> None:
    assert [format_bytes(n) for n in (0, 1023, 1024, 1536, 2**31)] == [
        "0 B",
        "1023 B",
        "1 KiB",
        "1.5 KiB",
        "2 GiB",
    ]
    assert [format_count(n) for n in (0, 999, 1000, -20_000)] == ["0", "999", "1_000", "-20_000"]

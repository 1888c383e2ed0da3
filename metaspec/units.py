"""Units of numbers: durations, amounts of memory, shares; and how such figures are printed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Dimension(StrEnum):
    TIME = "duration"
    MEMORY = "amount of memory"
    SHARE = "share"


@dataclass(frozen=True, slots=True)
class Unit:
    """`factor` turns a number with this unit into seconds, bytes or a fraction of one."""

    name: str
    dimension: Dimension
    factor: float


PERCENT = Unit("%", Dimension.SHARE, 0.01)
_TABLE: tuple[Unit, ...] = (
    Unit("ms", Dimension.TIME, 1e-3),
    Unit("s", Dimension.TIME, 1),
    Unit("min", Dimension.TIME, 60),
    Unit("h", Dimension.TIME, 3_600),
    Unit("d", Dimension.TIME, 86_400),
    Unit("B", Dimension.MEMORY, 1),
    Unit("kB", Dimension.MEMORY, 10**3),
    Unit("MB", Dimension.MEMORY, 10**6),
    Unit("GB", Dimension.MEMORY, 10**9),
    Unit("TB", Dimension.MEMORY, 10**12),
    Unit("KiB", Dimension.MEMORY, 2**10),
    Unit("MiB", Dimension.MEMORY, 2**20),
    Unit("GiB", Dimension.MEMORY, 2**30),
    Unit("TiB", Dimension.MEMORY, 2**40),
    PERCENT,
)


def find_unit(name: str) -> Unit | None:
    """The unit of this name (spelled exactly), or None."""
    return next((unit for unit in _TABLE if unit.name == name), None)


_SPELLINGS = {
    "ms": "msec millisecond milliseconds",
    "s": "S sec secs second seconds",
    "min": "mins minute minutes",
    "h": "hr hrs hour hours",
    "d": "day days",
    "B": "byte bytes",
    "kB": "KB kb kilobyte kilobytes",
    "MB": "mb Mb megabyte megabytes",
    "GB": "gb Gb gigabyte gigabytes",
    "TB": "tb Tb terabyte terabytes",
    "KiB": "kib kiB",
    "MiB": "mib",
    "GiB": "gib",
    "TiB": "tib",
    "%": "percent",
}
_MEANT = {spelling: name for name, spellings in _SPELLINGS.items() for spelling in spellings.split()}


def meant_unit(name: str) -> Unit | None:
    """The unit that a name stands for as people write it, `minutes` for `min`; None for any other word."""
    return find_unit(_MEANT.get(name, name))


def unit_names(dimension: Dimension | None = None) -> tuple[str, ...]:
    """The names of all units, or of those of one dimension."""
    return tuple(unit.name for unit in _TABLE if dimension is None or unit.dimension is dimension)


def in_base(value: int | float, unit: Unit) -> int | float:
    """`value unit` in seconds, bytes or as a fraction; bytes are a whole number where that is exact."""
    if unit.dimension is Dimension.SHARE:
        return value / 100  # 0.07 * 100 has a rounding error that 7 / 100 has not
    amount = value * unit.factor
    if unit.dimension is Dimension.MEMORY and amount == int(amount):
        return int(amount)
    return amount


def format_duration(seconds: float) -> str:
    """`0.25 s`, `42 s`, `3 min 20 s`, `2 h 5 min`, `1 d 4 h`."""
    if seconds < 0.0995:
        return f"{seconds * 1e3:.3g} ms"
    if seconds < 9.95:
        return f"{seconds:.2g} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3_600:
        return _two_parts(whole, 60, "min", 1, "s")
    if whole < 86_400:
        return _two_parts(whole, 3_600, "h", 60, "min")
    return _two_parts(whole, 86_400, "d", 3_600, "h")


def _two_parts(seconds: int, large: int, large_name: str, small: int, small_name: str) -> str:
    count, rest = divmod(seconds, large)
    first = f"{count} {large_name}"
    return f"{first} {rest // small} {small_name}" if rest >= small else first


def format_bytes(count: int) -> str:
    """`512 B`, `1.5 KiB`, `2 GiB`."""
    if count < 1024:
        return f"{count} B"
    amount = float(count)
    for name in ("KiB", "MiB", "GiB", "TiB"):
        amount /= 1024
        if amount < 1023.5 or name == "TiB":
            break
    return f"{amount:.3g} {name}" if amount < 1000 else f"{amount:.0f} {name}"


def format_count(count: int) -> str:
    """A whole number as the specs spell it: `20_000`."""
    return f"{count:_}" if abs(count) >= 1_000 else str(count)

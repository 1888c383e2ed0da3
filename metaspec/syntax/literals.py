"""Nodes for values that a program has, in the spelling that a person would choose."""

from __future__ import annotations

import math

from metaspec.syntax.tree import Negative, Number, Value


def number(value: int | float) -> Value:
    """`5000` -> `5_000`, `0.001` -> `0.001`, `1e-07` -> `1e-7`, `-1` -> `-1`; the value reads back equal.

    Raises ValueError for an infinity or a NaN, which the language cannot write.
    """
    if not math.isfinite(value):
        raise ValueError(f"{value} cannot be written as a number")
    if value < 0 or (value == 0 and math.copysign(1.0, value) < 0):
        return Negative(number(-value))
    if isinstance(value, int):
        return Number(f"{value:_}" if value >= 1_000 else str(value), value)
    return Number(_float_text(value), value)


def _float_text(value: float) -> str:
    """The shortest decimal that reads back equal, with an exponent below 0.001 and from 1e6 up."""
    if value == 0 or 1e-3 <= value < 1e6:
        return repr(value)
    mantissa, _, exponent = f"{value!r}".partition("e")
    if not exponent:
        digits, power = f"{value:.16e}".split("e")
        for precision in range(17):
            short = f"{value:.{precision}e}"
            if float(short) == value:
                digits, power = short.split("e")
                break
        mantissa, exponent = digits, power
    return f"{mantissa.removesuffix('.0')}e{int(exponent)}"

"""Line charts as SVG text, for one page that needs no network: axes, lines, points, and bands of intervals.

Colours and fonts come from the page's style sheet, so that a chart follows a dark page too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from math import ceil, floor, isfinite, log10
from typing import NamedTuple, TypeGuard

_WIDTH, _HEIGHT = 520, 290
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 12, 26, 44
_LOG_RATIO = 20  # from this ratio of the largest to the smallest value on, the y axis is logarithmic


class Series(NamedTuple):
    """One line; `low` and `high` bound a band around it. Values that are not finite leave a gap."""

    label: str
    x: Sequence[float]
    y: Sequence[float | None]
    low: Sequence[float | None] = ()
    high: Sequence[float | None] = ()
    points: bool = False  # a mark at each value
    line: bool = True


class Axis(NamedTuple):
    """`place` maps a value to a coordinate; `ticks` are values with their texts."""

    place: Callable[[float], float]
    ticks: tuple[tuple[float, str], ...]


def line_chart(
    series: Sequence[Series],
    x: str,
    y: str,
    share: bool = False,
    logarithmic: bool | None = None,
    powers: bool = False,
    level: tuple[str, float] | None = None,
) -> str:
    """An `<svg>` element. `share`: the y axis goes from 0 to 1. `logarithmic`: chosen from the values where None.

    `powers`: the x axis is logarithmic. `level`: a broken line across, with its name, inside of the y axis' range.
    """
    xs = [value for each in series for value in each.x]
    ys = [value for each in series for values in (each.y, each.low, each.high) for value in values if _good(value)]
    if not xs or not ys:
        return "<p>No finite value to draw.</p>"
    middle = [value for each in series for value in each.y if _good(value)]
    if logarithmic is None:
        logarithmic = not share and min(ys) > 0 and max(middle) / min(middle) >= _LOG_RATIO
    across = (_logarithmic if powers else _linear)(min(xs), max(xs), _LEFT, _WIDTH - _RIGHT)
    if share:
        up = _linear(0.0, 1.0, _HEIGHT - _BOTTOM, _TOP)
    else:
        scale = _logarithmic if logarithmic else _linear
        lowest = min(ys) if logarithmic else min(*ys, 0.0)
        up = scale(lowest, max(ys), _HEIGHT - _BOTTOM, _TOP)
    body = [*_frame(across, up, x, y)]
    if level is not None:
        body += _level(*level, up)
    for number, each in enumerate(series):
        body += _drawn(each, number, across, up)
    body += _legend(series)
    title = escape(f"{y} against {x}")
    return f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{title}">{"".join(body)}</svg>'


def _good(value: float | None) -> TypeGuard[float]:
    return value is not None and isfinite(value)


# --- Axes ----------------------------------------------------------------------------------------


def _linear(low: float, high: float, first: float, last: float) -> Axis:
    if low == high:
        low, high = low - 0.5, high + 0.5
    step = _step((high - low) / 5)
    ticks = [number * step for number in range(ceil(low / step - 1e-9), floor(high / step + 1e-9) + 1)]

    def place(value: float) -> float:
        return first + (value - low) / (high - low) * (last - first)

    return Axis(place, tuple((tick, f"{tick:.10g}") for tick in ticks))


def _logarithmic(low: float, high: float, first: float, last: float) -> Axis:
    bottom, top = log10(low), log10(high)

    def place(value: float) -> float:
        return first + (log10(value) - bottom) / (top - bottom) * (last - first)

    powers = range(floor(bottom), ceil(top) + 1)
    leads = (1, 2, 5) if top - bottom < 3 else (1,)
    ticks = [lead * 10.0**power for power in powers for lead in leads]
    return Axis(place, tuple((tick, f"{tick:.10g}") for tick in ticks if low <= tick <= high))


def _step(rough: float) -> float:
    """The nearest larger of 1, 2 and 5 times a power of ten."""
    power = 10.0 ** floor(log10(rough))
    return next(lead * power for lead in (1, 2, 5, 10) if lead * power >= rough * 0.999)


def _frame(across: Axis, up: Axis, x: str, y: str) -> list[str]:
    left, right, bottom = _LEFT, _WIDTH - _RIGHT, _HEIGHT - _BOTTOM
    parts = []
    for value, text in up.ticks:
        at = up.place(value)
        parts.append(f'<path class="grid" d="M{left} {at:.1f}H{right}"/>')
        parts.append(f'<text x="{left - 6}" y="{at + 4:.1f}" text-anchor="end">{text}</text>')
    for value, text in across.ticks:
        at = across.place(value)
        parts.append(f'<path class="axis" d="M{at:.1f} {bottom}v4"/>')
        parts.append(f'<text x="{at:.1f}" y="{bottom + 18}" text-anchor="middle">{text}</text>')
    parts.append(f'<path class="axis" d="M{left} {bottom}H{right}"/>')
    parts.append(f'<text x="{(left + right) / 2}" y="{_HEIGHT - 6}" text-anchor="middle">{escape(x)}</text>')
    middle = (_TOP + bottom) / 2
    turned = f'text-anchor="middle" transform="rotate(-90 14 {middle})"'
    parts.append(f'<text x="14" y="{middle}" {turned}>{escape(y)}</text>')
    return parts


def _level(name: str, value: float, up: Axis) -> list[str]:
    at, right = up.place(value), _WIDTH - _RIGHT
    return [
        f'<path class="level" d="M{_LEFT} {at:.1f}H{right}"/>',
        f'<text x="{right}" y="{at - 5:.1f}" text-anchor="end">{escape(name)}</text>',
    ]


def _legend(series: Sequence[Series]) -> list[str]:
    parts, left = [], float(_LEFT)
    for number, each in enumerate(series):
        if each.label:
            mark = f'<path class="line c{number}" d="M{left} 12h16"/>'
            parts.append(mark if each.line else f'<circle class="c{number}" cx="{left + 8}" cy="12" r="3"/>')
            parts.append(f'<text x="{left + 20}" y="16">{escape(each.label)}</text>')
            left += 34 + 6.6 * len(each.label)
    return parts


# --- Lines ---------------------------------------------------------------------------------------


def _drawn(series: Series, number: int, across: Axis, up: Axis) -> list[str]:
    parts = []
    if series.low:
        edge = [
            (x, low, high)
            for x, low, high in zip(series.x, series.low, series.high, strict=True)
            if _good(low) and _good(high)
        ]
        forth = [(x, high) for x, _, high in edge]
        back = [(x, low) for x, low, _ in reversed(edge)]
        parts.append(f'<path class="band c{number}" d="{_path([*forth, *back], across, up)}Z"/>')
    pieces: list[list[tuple[float, float]]] = [[]]
    for x, y in zip(series.x, series.y, strict=True):
        if _good(y):
            pieces[-1].append((x, y))
        elif pieces[-1]:
            pieces.append([])
    if series.line:
        parts += [f'<path class="line c{number}" d="{_path(piece, across, up)}"/>' for piece in pieces if piece]
    if series.points:
        parts += [
            f'<circle class="c{number}" cx="{across.place(x):.1f}" cy="{up.place(y):.1f}" r="3"/>'
            for piece in pieces
            for x, y in piece
        ]
    return parts


def _path(points: Sequence[tuple[float, float]], across: Axis, up: Axis) -> str:
    return "M" + "L".join(f"{across.place(x):.1f} {up.place(y):.1f}" for x, y in points)

"""Strokes of an invented script: styles of alphabets, characters in a style, drawings of a character.

Coordinates are in the unit square, x to the right and y down. A stroke is eight numbers: four control points
of a cubic Bezier curve (a line has them in a row), or centre, radii, first angle and swept angle of an arc.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

_SAMPLES = 48  # points along one stroke
_THINNEST = 0.05  # of the unit square: below it a pen would not reach full ink in a pixel
_MARGIN = 0.15  # of the unit square stays free around a character before it is jittered

StrokeKind = Literal["curve", "arc"]
Mark = Literal["none", "bar", "stem", "base", "dot", "ring"]
_MARKS: tuple[Mark, ...] = ("none", "none", "bar", "stem", "base", "dot", "ring")


@dataclass(frozen=True, eq=False)
class Stroke:
    kind: StrokeKind
    numbers: np.ndarray  # (8,)


@dataclass(frozen=True, eq=False)
class Style:
    """What the characters of one alphabet have in common."""

    anchors: np.ndarray  # (points, 2): where strokes begin and end
    mix: tuple[float, float, float]  # shares of lines, curves and arcs
    fewest: int  # strokes of a character, without the mark
    most: int
    bend: float  # how far curves leave the straight way
    joined: float  # chance that a stroke begins where the one before it ended
    mirrored: float  # chance that a character is symmetric
    mark: Mark
    marked: float  # chance that a character carries the mark
    slant: float
    aspect: float  # width over height
    pen: float  # width of the pen in the unit square


def alphabet_style(random: np.random.Generator) -> Style:
    """A new style."""
    mix = random.dirichlet((0.8, 0.8, 0.6))
    fewest = int(random.integers(2, 4))
    return Style(
        anchors=_anchors(random),
        mix=(float(mix[0]), float(mix[1]), float(mix[2])),
        fewest=fewest,
        most=fewest + int(random.integers(1, 3)),
        bend=float(random.uniform(0.15, 0.5)),
        joined=float(random.uniform(0.2, 0.9)),
        mirrored=float(random.choice((0.0, 0.0, 0.15, 0.5))),
        mark=_MARKS[int(random.integers(len(_MARKS)))],
        marked=float(random.uniform(0.4, 1.0)),
        slant=float(random.normal(0.0, 0.14)),
        aspect=float(random.uniform(0.65, 1.05)),
        pen=float(random.uniform(0.052, 0.08)),
    )


def character_strokes(style: Style, random: np.random.Generator) -> tuple[Stroke, ...]:
    """The strokes of a new character, fitted into the unit square."""
    strokes: list[Stroke] = []
    at = style.anchors[random.integers(len(style.anchors))]
    for _ in range(int(random.integers(style.fewest, style.most + 1))):
        if random.random() >= style.joined:
            at = style.anchors[random.integers(len(style.anchors))]
        stroke, at = _new_stroke(style, at, random)
        strokes.append(stroke)
    if random.random() < style.mirrored:
        strokes += [_mirror(stroke) for stroke in strokes[:2]]
    if random.random() < style.marked:
        strokes += _mark_strokes(style.mark, random)
    return _fitted(strokes, style)


def draw_character(
    strokes: tuple[Stroke, ...], style: Style, size: int, hand: np.random.Generator | None, drawings: int
) -> np.ndarray:
    """(drawings, size, size) uint8, ink 255 on 0. hand: source of the jitter; without one, no jitter."""
    paths = [_trace(stroke, _jittered(stroke, hand, drawings)) for stroke in strokes]
    points = np.stack(paths, axis=1)  # (drawings, strokes, samples, 2)
    pens = np.full(drawings, style.pen)
    if hand is not None:
        points = _moved(points, hand, drawings)
        pens = np.maximum(pens * np.exp(hand.normal(0.0, 0.15, drawings)), _THINNEST)
    return _painted(points, pens, size)


def _anchors(random: np.random.Generator) -> np.ndarray:
    """A lattice, or points around a ring with its centre."""
    if random.random() < 0.65:
        columns, rows = int(random.integers(2, 4)), int(random.integers(3, 5))
        across, down = np.meshgrid(np.linspace(0, 1, columns), np.linspace(0, 1, rows))
        points = np.stack((across.ravel(), down.ravel()), axis=1)
    else:
        angles = 2 * np.pi * (np.arange(6) / 6 + random.random())
        ring = 0.5 + 0.5 * np.stack((np.cos(angles), np.sin(angles)), axis=1)
        points = np.concatenate((ring, [[0.5, 0.5]]))
    return points + random.normal(0.0, 0.05, points.shape)


def _new_stroke(style: Style, at: np.ndarray, random: np.random.Generator) -> tuple[Stroke, np.ndarray]:
    """A stroke that begins at `at`, and the point where the next one may begin."""
    away = style.anchors[np.linalg.norm(style.anchors - at, axis=1) > 0.25]
    end = away[random.integers(len(away))]
    kind = random.choice(3, p=style.mix)
    if kind == 2:
        return _new_arc(at, end, random)
    along = end - at
    sideways = np.array((-along[1], along[0]))
    bends = random.normal(0.0, style.bend, 2) if kind == 1 else np.zeros(2)
    if kind == 1 and random.random() < 0.7:
        bends[1] = bends[0]  # one bow; otherwise often an S
    inner = (at + along / 3 + sideways * bends[0], at + along * 2 / 3 + sideways * bends[1])
    return Stroke("curve", np.concatenate((at, *inner, end))), end


def _new_arc(at: np.ndarray, end: np.ndarray, random: np.random.Generator) -> tuple[Stroke, np.ndarray]:
    """Half a circle to a whole one, on or below the chord from `at` to `end`, often smaller than it."""
    radius = float(np.linalg.norm(end - at)) / 2 * random.uniform(0.45, 0.9)
    radii = radius * np.array((1.0, random.uniform(0.7, 1.3)))
    centre = (at + end) / 2
    first = np.arctan2(at[1] - centre[1], at[0] - centre[0])
    sweep = float(random.choice((1.0, 1.0, 1.4, 2.0))) * np.pi * float(random.choice((-1.0, 1.0)))
    return Stroke("arc", np.array((*centre, *radii, first, sweep, 0.0, 0.0))), end


def _mark_strokes(mark: Mark, random: np.random.Generator) -> list[Stroke]:
    level = random.normal(0.0, 0.02, 2)
    if mark == "bar":
        return [_line((-0.05, level[0]), (1.05, level[1]))]
    if mark == "base":
        return [_line((0.0, 1 + level[0]), (1.0, 1 + level[1]))]
    if mark == "stem":
        return [_line((level[0], 0.0), (level[1], 1.0))]
    place = random.choice((0.1, 0.5, 0.9), 2)
    if mark == "dot":
        return [Stroke("arc", np.array((*place, 0.03, 0.03, 0.0, 2 * np.pi, 0.0, 0.0)))]
    if mark == "ring":
        return [Stroke("arc", np.array((*place, 0.13, 0.13, 0.0, 2 * np.pi, 0.0, 0.0)))]
    return []


def _line(begin: tuple[float, float], end: tuple[float, float]) -> Stroke:
    share = np.linspace(0, 1, 4)[:, None]
    return Stroke("curve", (np.array(begin) * (1 - share) + np.array(end) * share).ravel())


def _mirror(stroke: Stroke) -> Stroke:
    numbers = stroke.numbers.copy()
    if stroke.kind == "curve":
        numbers[0::2] = 1 - numbers[0::2]
    else:
        numbers[0] = 1 - numbers[0]
        numbers[4], numbers[5] = np.pi - numbers[4], -numbers[5]
    return Stroke(stroke.kind, numbers)


def _fitted(strokes: list[Stroke], style: Style) -> tuple[Stroke, ...]:
    """Moved and scaled so that the longer side fills the square but for the margin, with aspect and slant."""
    points = np.concatenate([_trace(stroke, stroke.numbers[None])[0] for stroke in strokes])
    low, high = points.min(axis=0), points.max(axis=0)
    scale = (1 - 2 * _MARGIN) / max(float((high - low).max()), 0.3)
    stretch = scale * np.array((style.aspect, 1.0))
    middle = (low + high) / 2
    fitted = []
    for stroke in strokes:
        numbers = stroke.numbers.copy()
        if stroke.kind == "curve":
            numbers = ((numbers.reshape(4, 2) - middle) * stretch + 0.5).ravel()
            numbers[0::2] += style.slant * (0.5 - numbers[1::2])
        else:
            numbers[:2] = (numbers[:2] - middle) * stretch + 0.5
            numbers[2:4] *= stretch
            numbers[0] += style.slant * (0.5 - numbers[1])
        fitted.append(Stroke(stroke.kind, numbers))
    return tuple(fitted)


def _jittered(stroke: Stroke, hand: np.random.Generator | None, drawings: int) -> np.ndarray:
    """The numbers of `drawings` unsteady copies of a stroke, (drawings, 8)."""
    numbers = np.repeat(stroke.numbers[None], drawings, axis=0)
    if hand is None:
        return numbers
    noise = hand.normal(0.0, 1.0, (drawings, 8))
    if stroke.kind == "curve":
        return numbers + noise * 0.04
    scales = np.array((0.03, 0.03, 0.0, 0.0, 0.2, 0.25, 0.0, 0.0))
    numbers = numbers + noise * scales
    numbers[:, 2:4] *= np.exp(0.12 * noise[:, 2:4])
    return numbers


def _trace(stroke: Stroke, numbers: np.ndarray) -> np.ndarray:
    """Points along copies of a stroke with these numbers: (copies, 8) -> (copies, samples, 2)."""
    share = np.linspace(0.0, 1.0, _SAMPLES)
    if stroke.kind == "curve":
        weights = np.stack(
            ((1 - share) ** 3, 3 * share * (1 - share) ** 2, 3 * share**2 * (1 - share), share**3), axis=1
        )
        return np.einsum("sk,ckd->csd", weights, numbers.reshape(-1, 4, 2))
    angles = numbers[:, 4:5] + numbers[:, 5:6] * share
    circle = np.stack((np.cos(angles), np.sin(angles)), axis=2)
    return numbers[:, None, :2] + numbers[:, None, 2:4] * circle


def _moved(points: np.ndarray, hand: np.random.Generator, drawings: int) -> np.ndarray:
    """The whole character turned, sheared, scaled and shifted, another way in each drawing."""
    turn = hand.normal(0.0, 0.12, drawings)
    shear = hand.normal(0.0, 0.14, drawings)
    grow = np.exp(hand.normal(0.0, 0.10, (drawings, 2)))
    shift = hand.normal(0.0, 0.05, (drawings, 2))
    cosine, sine = np.cos(turn), np.sin(turn)
    matrix = np.empty((drawings, 2, 2))
    matrix[:, 0, 0], matrix[:, 0, 1] = cosine * grow[:, 0], (-sine + shear) * grow[:, 0]
    matrix[:, 1, 0], matrix[:, 1, 1] = sine * grow[:, 1], cosine * grow[:, 1]
    return np.einsum("cij,cspj->cspi", matrix, points - 0.5) + 0.5 + shift[:, None, None, :]


def _painted(points: np.ndarray, pens: np.ndarray, size: int) -> np.ndarray:
    """Paint drawings, (drawings, strokes, samples, 2) -> (drawings, size, size) uint8.

    Each stroke is a row of Gaussian spots of which the weight is the length that they stand for, so their sum
    is exp(-r^2 / 2 sigma^2) at distance r from a straight stroke. Ink lies where the sum exceeds one half:
    a pen of width 2.355 sigma with round ends. The spots are products of a row and a column, which makes
    a drawing one small matrix product.
    """
    drawings = len(points)
    sigma = (pens / 2.355).astype(np.float32)[:, None, None]
    steps = np.linalg.norm(np.diff(points, axis=2), axis=3)
    lengths = (np.pad(steps, ((0, 0), (0, 0), (1, 0))) + np.pad(steps, ((0, 0), (0, 0), (0, 1)))) / 2
    weights = (lengths.reshape(drawings, -1) / (pens[:, None] / 2.355 * np.sqrt(2 * np.pi))).astype(np.float32)
    spots = points.reshape(drawings, -1, 2).astype(np.float32)
    pixels = ((np.arange(size, dtype=np.float32) + 0.5) / size)[:, None]
    across = np.exp(-0.5 * ((pixels - spots[:, None, :, 0]) / sigma) ** 2)
    down = np.exp(-0.5 * ((pixels - spots[:, None, :, 1]) / sigma) ** 2)
    ink = (down * weights[:, None, :]) @ across.transpose(0, 2, 1)
    # At its edge the sum falls by 0.59 / sigma per unit of length; the edge is blurred over one pixel.
    sharpness = sigma * size / 0.59
    return (np.clip((ink - 0.5) * sharpness + 0.5, 0.0, 1.0) * 255 + 0.5).astype(np.uint8)

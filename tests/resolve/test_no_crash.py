"""Specs with pieces swapped, lost and added at random give diagnostics, and never an exception."""

import random
import re

import pytest

from metaspec.diagnostics.render import render_all
from metaspec.resolve import resolve
from metaspec.resolve.checks.readiness import not_ready
from metaspec.source import Source
from tests.resolve.specs import SPECS

FILES = sorted(SPECS.glob("*.meta"))
PIECE = re.compile(r'#[^\n]*|"[^"\n]*"|[A-Za-z_][A-Za-z0-9_.]*|[0-9][0-9_.eE%a-z-]*|\s+|.')
ADDED = [
    "learned(0.1)",
    "fixed(2)",
    "{}",
    "[]",
    "none",
    "0..3",
    "1/0",
    "pi",
    "30s",
    "uniform(0, 1)",
    "cosine(1, 0)",
    "{ rest = 1 }",
    "true",
    '"x"',
    "-1",
    "maml",
    "meta_sgd",
    "sgd {}",
    "learned(adam {})",
    "[learned(1)]",
]
OVERRIDDEN = ["inner", "metagrad", "outer", "schedule", "train.on", "inner.lr", "inner.init", "task.data", "net.hidden"]
WRITTEN = [piece for path in FILES for piece in PIECE.findall(path.read_text())]
POOL = [piece for piece in WRITTEN if piece.strip() and piece[0] != "#"] + ADDED


def spoiled(text: str, draw: random.Random) -> str:
    pieces = [piece for piece in PIECE.findall(text) if piece[0] != "#"]
    for _ in range(draw.choice([1, 1, 2, 3])):
        at = draw.choice([index for index, piece in enumerate(pieces) if piece.strip()])
        pieces[at] = draw.choice(["", draw.choice(POOL), f"{pieces[at]} {draw.choice(POOL)}"])
    return "".join(pieces)


@pytest.mark.parametrize("seed", range(300))
def test_spoiled_spec(seed):
    draw = random.Random(seed)
    path = draw.choice(FILES)
    overrides = [f"{draw.choice(OVERRIDDEN)}={draw.choice(POOL)}"] if draw.random() < 0.4 else []
    found = resolve(Source(str(path), spoiled(path.read_text(), draw), path), overrides, draw.choice([None, None, 0]))
    messages = (*found.diagnostics, *not_ready(found))
    assert found.spec is not None or any(each.is_error for each in messages)
    assert "Traceback" not in render_all(messages)

"""From trained copies to the merged state, and from there to what each copy begins with. Functions of the state alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import NamedTuple

import numpy as np

from metaspec.kinds.exchanges.weights import Weights
from metaspec.kinds.merges.loss_average import LossAverage
from metaspec.runtime.arrays import COPIES, LAST, OUTER, Arrays, meta_of


def merge(
    exchange: Weights, state: Arrays, trained: Mapping[int, Arrays], losses: Mapping[int, Sequence[float]]
) -> tuple[Arrays, dict[int, float]]:
    """The state after a merge, and what each copy counted for. A copy that is not among the trained keeps what it has.

    Under "outer/" stands what a copy without an outer state of its own begins with: with `reset` that of the start,
    with `merge` the merged one.
    """
    copies = sorted(trained)
    shares = dict(zip(copies, shares_of(exchange, [losses[copy] for copy in copies]), strict=True))
    counted = [copy for copy in copies if shares[copy] > 0]
    weights = [shares[copy] for copy in counted]
    outer = {copy: {k: v for k, v in trained[copy].items() if k.startswith(OUTER)} for copy in copies}
    after = dict(state) | mean([meta_of(trained[copy]) for copy in counted], weights)
    after |= {f"{COPIES}{copy}/losses": np.asarray(losses[copy]) for copy in copies}
    if exchange.outer_state == "merge":
        after |= mean([outer[copy] for copy in counted], weights)
    if exchange.outer_state == "keep":
        after |= {f"{COPIES}{copy}/{key}": value for copy in copies for key, value in outer[copy].items()}
    return after, shares


def shares_of(exchange: Weights, losses: Sequence[Sequence[float]]) -> tuple[float, ...]:
    """What each copy counts for, by the exchange's weight generator (see `metaspec.runtime.merges`)."""
    generator = exchange.combine
    return import_module(generator.executed_by.format(name=generator.name)).shares(generator, losses)


def mean(parts: Sequence[Mapping[str, np.ndarray]], weights: Sequence[float]) -> Arrays:
    """The weighted mean by key, summed in double precision in the order of the parts."""
    return {
        key: np.asarray(
            sum(weight * part[key].astype(np.float64) for part, weight in zip(parts, weights, strict=True)),
            dtype=parts[0][key].dtype,
        )
        for key in parts[0]
    }


def slots_of(state: Arrays, copy: int) -> Arrays:
    """The outer state that a copy begins with: its own where it keeps one, else that of all."""
    prefix = f"{COPIES}{copy}/"
    own = {key.removeprefix(prefix): value for key, value in state.items() if key.startswith(prefix + OUTER)}
    return own or {key: value for key, value in state.items() if key.startswith(OUTER)}


def losses_of(exchange: Weights, state: Arrays, copy: int, last: float) -> list[float]:
    """A copy's last losses, oldest first: the query loss of the tasks of its last epoch, after adaptation."""
    window = exchange.combine.window if isinstance(exchange.combine, LossAverage) else 1
    before = state.get(f"{COPIES}{copy}/losses")
    return [*([] if before is None else before.tolist()), last][-window:]


class Last(NamedTuple):
    """What a copy came to in its last meta-iteration (from 0), with which others merge that are done at another time."""

    iteration: int
    trained: Arrays
    losses: list[float]


def last_of(state: Arrays) -> dict[int, Last]:
    """What each copy last came to, as `with_last` has kept it; nothing at the start of a run."""
    suffix = f"/{LAST}iteration"
    copies = sorted(int(key.removeprefix(COPIES).removesuffix(suffix)) for key in state if key.endswith(suffix))
    return {copy: _last(state, copy) for copy in copies}


def _last(state: Arrays, copy: int) -> Last:
    prefix = f"{COPIES}{copy}/{LAST}"
    own = {key.removeprefix(prefix): value for key, value in state.items() if key.startswith(prefix)}
    return Last(int(own.pop("iteration")), own, state[f"{COPIES}{copy}/losses"].tolist())


def with_last(exchange: Weights, state: Arrays, last: Mapping[int, Last]) -> Arrays:
    """The state with what others will merge with. It has each copy's losses, and its outer state where that is its own."""
    after = dict(state)
    for copy, each in last.items():
        prefix = f"{COPIES}{copy}/{LAST}"
        merged = each.trained if exchange.outer_state == "merge" else meta_of(each.trained)
        after |= {prefix + key: value for key, value in merged.items()}
        after[f"{prefix}iteration"] = np.asarray(each.iteration)
    return after

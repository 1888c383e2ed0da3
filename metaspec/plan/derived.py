"""The discrete architecture that a search has found, from its meta-parameters."""

from collections.abc import Mapping

import numpy as np

from metaspec.kinds.architectures.controller import Controller
from metaspec.kinds.architectures.fixed_ops import FixedOps
from metaspec.kinds.architectures.mixture import Mixture
from metaspec.plan.model import Plan
from metaspec.spec.values import Learned


def derived(plan: Plan, parameters: Mapping[str, np.ndarray]) -> dict[str, FixedOps]:
    """By model, of those whose architecture is learned; `parameters` are a run's, by `meta/KEY`.

    Of a mixture the operation of the largest weight at each place, `zero` left out (Liu et al. 2019, section 2.4); of a
    controller the most probable one after each that was taken before.
    """
    found = {}
    for name, model in plan.spec.models.items():
        learned = getattr(model, "architecture", None)
        if not isinstance(learned, Learned):
            continue
        prefix = f"meta/{learned.name}/"
        weights = {key.removeprefix(prefix): each for key, each in parameters.items() if key.startswith(prefix)}
        kind = learned.start
        if isinstance(kind, Mixture):
            numbers = of_mixture(kind, weights)
        elif isinstance(kind, Controller):
            numbers = of_controller(kind, weights, model.places)
        else:
            continue  # a kind of another package, which says itself what it found
        found[name] = FixedOps(ops=tuple(kind.ops[number] for number in numbers))
    return found


def of_mixture(kind: Mixture, weights: Mapping[str, np.ndarray]) -> list[int]:
    logits = np.where([operation == "zero" for operation in kind.ops], -np.inf, weights["logits"])
    return logits.argmax(axis=1).tolist()


def of_controller(kind: Controller, weights: Mapping[str, np.ndarray], places: int) -> list[int]:
    """See `metaspec.backend.architectures.controller`, of which this is the most probable draw, place by place."""
    count = len(kind.ops)
    hidden = memory = np.zeros(kind.units)
    chosen = [count]
    for _ in range(places):
        entered = np.concatenate([np.eye(count + 1)[chosen[-1]], hidden]) @ weights["gates.kernel"]
        put, kept, given, proposed = np.split(entered + weights["gates.bias"], 4)
        memory = sigmoid(kept) * memory + sigmoid(put) * np.tanh(proposed)
        hidden = sigmoid(given) * np.tanh(memory)
        chosen.append(int((hidden @ weights["logits.kernel"] + weights["logits.bias"]).argmax()))
    return chosen[1:]


def sigmoid(values: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-values))

"""Memory of a meta-gradient, counted from shapes, and what would need less.

In numbers of one task, with the items of a step's batch and P adapted and other parameters: a step under a tape keeps the
activations of its forward pass, those of its backward pass again where that is differentiated, and about three sets of
parameters; a state is the parameters and what the inner method remembers besides.
"""

from math import ceil, isqrt
from typing import NamedTuple

from metaspec.plan.execution import positions_of
from metaspec.plan.model import MetaTensor, Plan
from metaspec.spec.gradient import GradientInner
from metaspec.spec.kind import Metagrad
from metaspec.spec.shapes import Cost, Parameter, Signature
from metaspec.spec.spec import Spec
from metaspec.spec.values import Learned

# Above this much for one chunk of tasks a plan says what would need less.
LARGE = 2**30
# Meta-parameters that forward mode is recommended for.
FEW = 64
# Sets of parameters that an inner method remembers besides them.
MEMORY = {"momentum": 1, "adam": 2}
PARAMETERS_OF_A_STEP = 3
ABREAST = 128  # perturbed meta-parameters that are evaluated side by side


class Sizes(NamedTuple):
    """Numbers of one task: a state, a step under a tape with and without its second derivative, and the query set."""

    state: int
    first: int
    second: int
    query: int
    steps: int


def sizes(spec: Spec, cost: Cost, parameters: tuple[Parameter, ...], signature: Signature, steps: int) -> Sizes:
    weights = sum(each.size for each in parameters)
    batch = cost.activations * signature.support
    own = PARAMETERS_OF_A_STEP * weights
    state = weights * (1 + MEMORY.get(spec.inner.name, 0))
    return Sizes(state, batch + own, 2 * batch + own, cost.activations * signature.query, steps)


def kept(metagrad: Metagrad, size: Sizes, wide: bool, numbers: int) -> int:
    """Numbers that a meta-gradient of one task keeps at the most; `numbers` are those it is the gradient of."""
    step = size.second if getattr(metagrad, "order", 2) == 2 else size.first
    if metagrad.name == "unroll":
        return unrolled(metagrad.checkpoint, size, step)
    if metagrad.name == "truncated":
        return min(metagrad.window, max(size.steps, 1)) * size.state + step + size.query
    if metagrad.name == "forward":
        return (min(metagrad.chunk, numbers) + 1) * (size.state + step) + size.query
    if metagrad.name in ("es", "pes", "none"):
        positions = positions_of(metagrad)
        return positions * size.state + (min(positions, ABREAST) if wide else 1) * (size.first + size.query)
    if metagrad.name == "reinforce":
        return metagrad.samples * (size.state + size.first + size.query)
    return 2 * size.state + step + size.query


def unrolled(checkpoint: str | int, size: Sizes, step: int) -> int:
    """Of back-propagation through all steps, or through segments of them that are computed again."""
    steps = max(size.steps, 1)
    if isinstance(checkpoint, int):
        length = checkpoint
    else:
        length = {"none": steps, "sqrt": ceil(steps / max(1, isqrt(steps)))}[checkpoint]
    return ceil(steps / length) * size.state + min(length, steps) * step + size.query


def advice(plan: Plan, above: float = LARGE) -> tuple[str, ...]:
    """What would need less memory, in sentences; nothing for a plan that needs no more than `above` bytes."""
    spec, estimate = plan.spec, plan.estimate
    if estimate.memory <= above or not spec.models or not plan.tasks:
        return ()
    task, model = plan.tasks[0], next(iter(spec.models.values()))
    signature = Signature(task.inputs, task.outputs, task.loss, task.support, task.query)
    size = sizes(spec, model.cost(signature), plan.parameters, signature, plan.steps)
    scale, wide = spec.train.width * plan.execution.chunk, not model.convolves
    found = []
    for metagrad, text in alternatives(plan):
        memory = scale * kept(metagrad, size, wide, sum(tensor.size for tensor in plan.meta))
        if memory < estimate.memory:
            found.append((memory, text))
    if plan.execution.chunk > 1:
        found.append((estimate.memory // plan.execution.chunk, "`train { tasks = 1 }`"))
    return tuple(f"{text} would keep about {amount(memory)}" for memory, text in sorted(found))


def alternatives(plan: Plan) -> list[tuple[Metagrad, str]]:
    """Meta-gradients of the same objective that keep less, each as it is written."""
    from metaspec.kinds import registry  # only a plan that is too large asks for other kinds

    def kind(name: str, **fields: int) -> Metagrad:
        return registry.load_as(Metagrad, name)(**fields)

    spec, numbers = plan.spec, sum(tensor.size for tensor in plan.meta)
    found = []
    if spec.metagrad.name == "unroll":
        own = spec.metagrad.model_copy(update={"checkpoint": "sqrt"})
        found.append((own, "`metagrad = unroll { checkpoint = sqrt }`, of the same bits but for rounding,"))
    if numbers <= FEW:
        found.append(
            (kind("forward", chunk=min(numbers, 32)), f"`metagrad = forward {{}}`, for {numbers} numbers exact,")
        )
    if stationary(spec, plan.meta):
        found.append((kind("implicit"), "`metagrad = implicit {}`, exact where the inner loop reaches its minimum,"))
    return found


def stationary(spec: Spec, meta: tuple[MetaTensor, ...]) -> bool:
    """Whether an implicit meta-gradient would have a meaning: nothing learned acts on the way to the minimum alone."""
    inner = spec.inner
    way = any(isinstance(getattr(inner, name, None), Learned) for name in ("lr", "decay", "init"))
    augmented = any(getattr(task, "augment", None) is not None for task in spec.tasks.values())
    return isinstance(inner, GradientInner) and not way and not augmented


def amount(number: float) -> str:
    """Bytes in words: 1_536 -> "1.5 KiB"."""
    for size, name in ((2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB")):
        if number >= size:
            return f"{_short(number / size)} {name}"
    return f"{_short(number)} B"


def _short(value: float) -> str:
    """Three digits, or all in front of the point where they are four."""
    return f"{value:.0f}" if value >= 1000 else f"{value:.3g}"

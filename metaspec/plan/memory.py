"""Memory of a meta-gradient, counted from shapes, and what would need less.

In numbers of one task, with the items of a step's batch and P adapted and other parameters: a step under a tape keeps the
activations of its forward pass, those of its backward pass again where that is differentiated, and about three sets of
parameters; a state is the parameters and what the inner method remembers besides.
"""

from collections.abc import Sequence
from typing import NamedTuple

from metaspec.plan.abreast import WIDEST
from metaspec.plan.execution import perturbing, signs_of
from metaspec.plan.model import Execution, MetaTensor, Plan
from metaspec.spec.gradient import GradientInner
from metaspec.spec.kind import Metagrad
from metaspec.spec.shapes import Cost, Parameter, Signature, Sizes
from metaspec.spec.spec import Spec
from metaspec.spec.values import Learned

# Above this much for one chunk of tasks a plan says what would need less.
LARGE = 2**30
# Meta-parameters that forward mode is recommended for.
FEW = 64
PARAMETERS_OF_A_STEP = 3
ABREAST = 128  # perturbed meta-parameters that are evaluated side by side


class Activations(NamedTuple):
    """Numbers that a forward pass keeps for the backward pass: of a step's batch, and of the query set."""

    batch: int
    query: int


def sizes(spec: Spec, activations: Activations, parameters: Sequence[Parameter], steps: int) -> Sizes:
    """Of one task with these activations of a step's batch and of the query set, and these parameters.

    Where an inner method adapts a part of them it remembers and works for that part.
    """
    inner, weights = spec.inner, sum(each.size for each in parameters)
    adapted = sum(each.size for each in parameters if inner.adapts(each))
    memory, batch = inner.remembers() * adapted, inner.gradients * activations.batch
    own = PARAMETERS_OF_A_STEP * weights + memory + inner.works_with() * adapted
    return Sizes(
        state=weights + memory,
        first=batch + batch // 2 + own,
        second=2 * batch + own,
        query=activations.query,
        steps=steps,
    )


def activations(cost: Cost, signature: Signature) -> Activations:
    return Activations(cost.activations * signature.support, cost.activations * signature.query)


def of_shard(spec: Spec, size: Sizes, numbers: int, execution: Execution, wide: bool = True) -> int:
    """Numbers that the meta-gradient of a shard keeps at the most; `numbers` are those it is the gradient of.

    wide: whether perturbed sets of weights stand side by side, or are run one after the other.
    """
    if not execution.particles:
        return execution.chunk * spec.metagrad.kept(size, numbers)
    method, tasks = perturbing(spec), largest(execution)
    positions = signs_of(method) * execution.particles
    carried = tasks * positions * size.state if getattr(method, "window", None) else 0
    together = min(tasks, max(1, ABREAST // positions)) * positions if wide and not carried else positions
    return (
        carried
        + together * (size.state + numbers)
        + (min(together, ABREAST) if wide else 1) * (size.first + size.query)
    )


def largest(execution: Execution) -> int:
    """Tasks of the largest shard; with clusters that only the run can tell, as many as could be."""
    widest = max((min(cluster.tasks, WIDEST) for cluster in execution.clusters), default=1)
    return max((shard.count for shard in execution.shards), default=widest)


def advice(plan: Plan, above: float = LARGE) -> tuple[str, ...]:
    """What would need less memory, in sentences; nothing for a plan that needs no more than `above` bytes."""
    spec, estimate = plan.spec, plan.estimate
    if estimate.memory <= above or not spec.models or not plan.tasks:
        return ()
    model, numbers = next(iter(spec.models.values())), sum(tensor.size for tensor in plan.meta)
    signatures = [each.signature for each in plan.tasks if each.name in spec.trained]
    own = [sizes(spec, activations(model.cost(each), each), plan.parameters, plan.steps) for each in signatures]
    scale = spec.train.width * plan.execution.chunk
    found = []
    for metagrad, text in alternatives(plan):
        memory = scale * max(metagrad.kept(size, numbers) for size in own)
        if memory < estimate.memory:
            found.append((memory, text))
    if plan.execution.chunk > 1 and not plan.execution.particles:
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

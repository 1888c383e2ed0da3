"""How a meta-iteration is executed: chosen from shapes and the constants here, never from a measurement.

The same spec must give the same bits on any machine and with any number of workers, so nothing in this module
may look at the machine.
"""

from typing import Literal, NamedTuple

from metaspec.kinds.exchanges.weights import Weights
from metaspec.plan.copies import exchange_of_weights
from metaspec.plan.model import Execution, Shard
from metaspec.spec.kind import Metagrad, Model, Outer
from metaspec.spec.spec import Spec

# Meta-iterations of one call. Long enough that a call's overhead vanishes, short enough for a lively display.
STRETCH = 250
# Up to this much arithmetic for one meta-iteration, whole stretches of them run inside one compiled graph.
STRETCH_OPERATIONS = 200_000_000
# Shards of one meta-iteration: enough to keep eight workers busy, few enough that exchange stays cheap.
SHARDS = 8
# Tasks of one shard of an evaluation.
EVALUATION_SHARD = 25
# Tasks of one evaluation where the spec does not say: a `training` task is a whole training, and has one data set.
EVALUATION_TASKS, EVALUATION_TRAININGS = 600, 4
# Tasks on the task axis of a dense model in a shard.
DENSE_CHUNK = 64

WHOLE = (
    "what a shard carries into the next meta-iteration goes through its graph with all of its tasks at once, and so does "
    "the memory: more `shards` or fewer `tasks` need less"
)


class Choice(NamedTuple):
    execution: Execution
    reasons: tuple[str, ...]


class Mode(NamedTuple):
    """How the tasks of a meta-iteration come together: in about `shards` shards, `chunk` tasks on the task axis."""

    name: Literal["stretches", "shards", "copies"]
    shards: int
    chunk: int
    reasons: tuple[str, ...]


def choose(spec: Spec, model: Model, tasks: int, operations: int, drawn_in_graph: bool) -> Choice:
    """`operations` are those of one task's meta-gradient, `tasks` those of a meta-iteration."""
    names, evaluated = spec.trained, evaluation_tasks(spec)
    compiled = all(getattr(spec.tasks[name], "compiles", True) for name in spec.used)
    mode = mode_of(spec, model, names, tasks, operations, drawn_in_graph)
    reasons = mode.reasons
    own = shards(names, tasks, mode.shards)
    method, particles = perturbing(spec), particles_of(spec)
    if particles:
        pieces = 1 if spec.clusters else cuts(method, len(own))
        own, particles = with_particles(own, pieces), particles // pieces
        if pieces > 1:
            reasons += (f"the particles of a task are cut into {pieces} shards of {particles}",)
    execution = Execution(
        mode=mode.name,
        stretch=STRETCH,
        chunk=max(shard.count for shard in own) if whole_shards(spec) else min(mode.chunk, tasks),
        evaluated=min(mode.chunk, tasks) if whole_shards(spec) else None,
        shards=own,
        evaluation=shards(spec.evaluated, evaluated, -(-evaluated // EVALUATION_SHARD)),
        compiled=compiled,
        particles=particles,
    )
    return Choice(execution, reasons)


def mode_of(
    spec: Spec, model: Model, names: tuple[str, ...], tasks: int, operations: int, drawn_in_graph: bool
) -> Mode:
    """Stretches where meta-iterations are small and can run inside one graph, else shards; copies where asked for."""
    exchange, whole = exchange_of_weights(spec), operations * tasks
    if exchange:
        return Mode("copies", len(names), 1 if model.convolves else DENSE_CHUNK, why_copies(spec, exchange, tasks))
    why = why_shards(spec, names, whole, drawn_in_graph)
    if why is None and not model.convolves:
        reason = (
            f"a meta-iteration is {quantity(whole)} operations, at most {quantity(STRETCH_OPERATIONS)}, and its tasks are "
            f"drawn inside the graph: {STRETCH} meta-iterations run in one compiled call, on one worker"
        )
        return Mode("stretches", len(names), tasks, (reason,))
    cut = (
        f"each meta-iteration is cut into shards for the workers, since {why or f'it is {quantity(whole)} operations'}"
    )
    count = max(spec.train.shards or SHARDS, len(names))
    if whole_shards(spec):
        return Mode("shards", count, 1 if model.convolves else DENSE_CHUNK, (cut, WHOLE))
    if model.convolves:
        one = (
            "the model convolves: one task at a time in a loop inside the compiled graph, so that its activations "
            "stay in the processor's cache, and the memory is that of one task"
        )
        return Mode("shards", count, 1, (cut, one))
    dense = f"the model is dense: up to {DENSE_CHUNK} tasks stand on the task axis of one compiled graph"
    return Mode("shards", count, DENSE_CHUNK, (cut, dense))


def why_copies(spec: Spec, exchange: Weights, tasks: int) -> tuple[str, ...]:
    reason = (
        f"{exchange.copies} copies of the meta-model train apart, each on {tasks} tasks of its own for every outer "
        "update, and then merge: until the merge a copy stays on one worker"
    )
    if not exchange.staleness:
        return (reason,)
    pause = min(STRETCH, spec.train.checkpoint, spec.evaluate.every or STRETCH)
    ahead = min(exchange.staleness, pause - 1)
    if not ahead:
        return (reason, "copies wait for each other after every meta-iteration, where the run pauses: none runs ahead")
    return (
        reason,
        f"a copy may run {ahead} meta-iterations ahead of the slowest, so what it merges with depends on who was "
        f"faster: not reproducible bit by bit; every {pause} meta-iterations all copies wait for each other",
    )


def why_shards(spec: Spec, names: tuple[str, ...], whole: int, drawn_in_graph: bool) -> str | None:
    """What keeps meta-iterations of `whole` operations out of one graph; None where nothing does."""
    if carried(spec):
        return "its trajectories go on in the next meta-iteration"
    if type(spec.outer).searches:
        return "its outer step is searched for with all of them"
    if not all(getattr(spec.tasks[name], "compiles", True) for name in names):
        return "the workers step its environments"
    if not drawn_in_graph:
        return "its items come from files"
    return f"it is {quantity(whole)} operations" if whole > STRETCH_OPERATIONS else None


def evaluation_tasks(spec: Spec) -> int:
    if spec.evaluate.tasks is not None:
        return spec.evaluate.tasks
    trains = any(spec.tasks[name].trains for name in spec.evaluated)
    return EVALUATION_TRAININGS if trains else EVALUATION_TASKS


def evaluation_steps(spec: Spec) -> int:
    """Inner steps of adaptation in an evaluation."""
    return spec.inner.steps if spec.evaluate.steps is None else spec.evaluate.steps


def shards(names: tuple[str, ...], tasks: int, count: int) -> tuple[Shard, ...]:
    """`tasks` tasks, in equal shares over the blocks, cut into about `count` shards of nearly equal size."""
    found: list[Shard] = []
    for position, name in enumerate(names):
        own = share(tasks, len(names), position)
        pieces = min(own, max(1, share(count, len(names), position)))
        first = 0
        for piece in range(pieces):
            length = share(own, pieces, piece)
            found.append(Shard(index=len(found), task=name, first=first, count=length))
            first += length
    return tuple(found)


def share(whole: int, parts: int, position: int) -> int:
    """The part at `position` of a whole number divided as evenly as it goes, larger parts first."""
    return whole // parts + (position < whole % parts)


def carried(spec: Spec) -> bool:
    """Whether a shard's state goes on in the next meta-iteration."""
    return spec.train.warm_start or type(spec.metagrad).carries or getattr(spec.metagrad, "carry", False)


def whole_shards(spec: Spec) -> bool:
    """Whether all tasks of a shard go through its graph at once: so they do with what they carry on, but for particles,
    whose tasks take turns."""
    return carried(spec) and not particles_of(spec)


def perturbing(spec: Spec) -> Metagrad | Outer:
    """The method that would evaluate particles."""
    return spec.outer if type(spec.outer).scores else spec.metagrad


def particles_of(spec: Spec) -> int:
    """Perturbed meta-parameters, or candidates, that each task is evaluated at; 0 for methods without."""
    return getattr(perturbing(spec), "particles", 0)


def positions_of(method: Metagrad | Outer) -> int:
    """At how many meta-parameters each task is evaluated side by side: particles, and their opposites; else 1."""
    if not hasattr(method, "particles"):
        return 1
    return method.particles * signs_of(method)


def signs_of(method: Metagrad | Outer) -> int:
    """Runs of each particle: with both signs, or once."""
    return 2 if isinstance(method, Metagrad) and getattr(method, "antithetic", True) else 1


def cuts(method: Metagrad | Outer, shards: int) -> int:
    """Into how many shards the particles of a task are cut: a power of 2, so that shares of an estimate add up to 1.

    Scores that are compared with each other stay together.
    """
    if getattr(method, "shaping", "none") != "none":
        return 1
    smallest = 1 if getattr(method, "antithetic", True) else 2
    pieces = 1
    while (
        pieces * 2 * shards <= SHARDS
        and method.particles % (pieces * 2) == 0
        and method.particles // (pieces * 2) >= smallest
    ):
        pieces *= 2
    return pieces


def with_particles(tasks: tuple[Shard, ...], pieces: int) -> tuple[Shard, ...]:
    """Each shard of tasks once for each piece of their particles."""
    if pieces == 1:
        return tasks
    return tuple(
        shard.model_copy(update={"index": shard.index * pieces + piece, "draws": shard.index, "share": 1 / pieces})
        for shard in tasks
        for piece in range(pieces)
    )


def quantity(number: float) -> str:
    """1_234_567 -> "1.23 million"."""
    for size, name in ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"), (1e3, "thousand")):
        if number >= size:
            return f"{number / size:.3g} {name}"
    return f"{number:.3g}"

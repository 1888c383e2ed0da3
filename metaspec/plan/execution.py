"""How a meta-iteration is executed: chosen from shapes and the constants here, never from a measurement.

The same spec must give the same bits on any machine and with any number of workers, so nothing in this module
may look at the machine.
"""

from typing import NamedTuple

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


class Choice(NamedTuple):
    execution: Execution
    reasons: tuple[str, ...]


def choose(
    spec: Spec, model: Model, names: tuple[str, ...], tasks: int, operations: int, drawn_in_graph: bool
) -> Choice:
    """`operations` are those of one task's meta-gradient, `names` the task blocks trained on, in equal shares."""
    dense = not model.convolves
    evaluated = evaluation_tasks(spec)
    whole = operations * tasks
    reasons = []
    carries, searches = carried(spec), type(spec.outer).searches
    compiled = all(getattr(spec.tasks[name], "compiles", True) for name in names)
    exchange = exchange_of_weights(spec)
    if exchange:
        mode, count, chunk = "copies", len(names), DENSE_CHUNK if dense else 1
        reasons.append(
            f"{exchange.copies} copies of the meta-model train apart, each on {tasks} tasks of its own for every outer "
            "update, and then merge: until the merge a copy stays on one worker"
        )
        if exchange.staleness:
            reasons.append(
                f"a copy may run {exchange.staleness} meta-iterations ahead of the slowest, so what it merges with depends on "
                "who was faster: not reproducible bit by bit"
            )
    elif drawn_in_graph and not carries and not searches and compiled and dense and whole <= STRETCH_OPERATIONS:
        mode, chunk = "stretches", tasks
        reasons.append(
            f"a meta-iteration is {quantity(whole)} operations, at most {quantity(STRETCH_OPERATIONS)}, and its tasks are "
            f"drawn inside the graph: {STRETCH} meta-iterations run in one compiled call, on one worker"
        )
        count = len(names)
    else:
        mode, count = "shards", max(spec.train.shards or SHARDS, len(names))
        chunk = DENSE_CHUNK if dense else 1
        why = "its items come from files" if not drawn_in_graph else f"it is {quantity(whole)} operations"
        if carries:
            why = "its trajectories go on in the next meta-iteration"
        elif searches:
            why = "its outer step is searched for with all of them"
        elif not compiled:
            why = "the workers step its environments"
        reasons.append(f"each meta-iteration is cut into shards for the workers, since {why}")
        if dense:
            reasons.append(f"the model is dense: up to {chunk} tasks stand on the task axis of one compiled graph")
        else:
            reasons.append(
                "the model convolves: one task at a time in a loop inside the compiled graph, so that its activations "
                "stay in the processor's cache, and the memory is that of one task"
            )
    own = shards(names, tasks, count)
    method, particles = perturbing(spec), particles_of(spec)
    if particles:
        pieces = 1 if spec.clusters else cuts(method, len(own))
        own, particles = with_particles(own, pieces), particles // pieces
        if pieces > 1:
            reasons.append(f"the particles of a task are cut into {pieces} shards of {particles}")
    execution = Execution(
        mode=mode,
        stretch=STRETCH,
        chunk=min(chunk, tasks),
        shards=own,
        evaluation=shards(names, evaluated, -(-evaluated // EVALUATION_SHARD)),
        compiled=compiled,
        particles=particles,
    )
    return Choice(execution, tuple(reasons))


def evaluation_tasks(spec: Spec) -> int:
    if spec.evaluate.tasks is not None:
        return spec.evaluate.tasks
    trains = any(task.trains for task in spec.tasks.values())
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


def perturbing(spec: Spec) -> Metagrad | Outer:
    """The method that would evaluate particles."""
    return spec.outer if type(spec.outer).scores else spec.metagrad


def particles_of(spec: Spec) -> int:
    """Perturbed meta-parameters, or candidates, that each task is evaluated at; 0 for methods without."""
    return getattr(perturbing(spec), "particles", 0)


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

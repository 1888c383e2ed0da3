"""Every graph of a program that its plan can tell: traced in one order, and run once.

XLA's kept code of a graph is found by the graph's name too, and in it TensorFlow counts the functions traced and
the tensors made so far. So a process that is to find the code begins as the one did that wrote it: `trace` first.
"""

import gc
import traceback
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import tensorflow as tf

from metaspec.backend import compile as graphs
from metaspec.backend.arrays import unpacked
from metaspec.backend.program import Program
from metaspec.plan.clusters import single_shards
from metaspec.plan.model import Plan, Shard

# Graphs of meta-gradients, and of evaluations, that a worker traces before its first request: each takes seconds.
AHEAD = 16


def ready(plan: Plan, cache: Path | None = None) -> Program:
    """The program of a plan as a worker holds it: where it is compiled, with every graph traced."""
    program = Program(plan, cache)
    if plan.execution.compiled:
        gc.disable()  # a graph is thousands of objects that stay: looking through them again and again is a tenth of it
        try:
            trace(program, *unpacked(program.start()))
        except Exception:  # the request that needs the graph meets the same problem, and says whose request it was
            traceback.print_exc()
        finally:
            gc.enable()
    return program


def trace(program: Program, meta, slots) -> tuple[tuple[str, Any], ...]:
    """(name of the graph, concrete function) in the order in which a meta-iteration uses them.

    One for each shape of shard; meta-parameters and outer slots are taken for their shapes.
    """
    return tuple(_traced(program, meta, slots))


def _traced(program: Program, meta, slots) -> Iterator[tuple[str, Any]]:
    execution = program.plan.execution
    if program.plan.spec.train.iterations > 0:
        yield from _of_training(program, meta, slots)
    for shard in ahead_of_evaluations(program.plan):
        episode, key = program.episode("test", 0, shard), program.key("initial/test", 0, shard)
        own = program.unit(shard).graphs["evaluate"]
        for count in parts(shard.count, execution.evaluation_chunk):
            yield "evaluate", own.get_concrete_function(meta, graphs.cut(episode, 0, count), key)


def _of_training(program: Program, meta, slots) -> Iterator[tuple[str, Any]]:
    execution, found = program.plan.execution, program.graphs
    number = tf.constant(0)
    if execution.mode == "stretches":
        block = found["block"].get_concrete_function(number)
        yield "block", block
        yield "stretch", found["stretch"].get_concrete_function(meta, slots, like(block), number, number)
    else:
        for shard in ahead(program.plan):
            episode, key = program.episode("train", 0, shard), program.key("initial/train", 0, shard)
            own = program.unit(shard).graphs
            if "begin" in own:
                key = program.keys(0, shard)
                begin = own["begin"].get_concrete_function(meta, episode, key)
                yield "begin", begin
                yield "advance", own["advance"].get_concrete_function(meta, episode, key, like(begin), number)
            else:
                yield "gradient", own["gradient"].get_concrete_function(meta, episode, key, number)
        yield "update", found["update"].get_concrete_function(meta, slots, meta, number)


def parts(tasks: int, chunk: int) -> tuple[int, ...]:
    """The different numbers of tasks that an evaluation takes at once, the first ones first."""
    return tuple(dict.fromkeys(min(chunk, tasks - first) for first in range(0, tasks, chunk)))


def ahead(plan: Plan) -> tuple[Shard, ...]:
    """A shard for each graph of a meta-gradient that is traced ahead: all that the plan can tell."""
    return few(shapes(plan, (*plan.execution.shards, *single_shards(plan))))


def ahead_of_evaluations(plan: Plan) -> tuple[Shard, ...]:
    return few(shapes(plan, plan.execution.evaluation))


def few(shards: tuple[Shard, ...]) -> tuple[Shard, ...]:
    """The shards, or none where they are too many: each graph is then traced and compiled when it is first needed."""
    return shards if len(shards) <= AHEAD else ()


def shapes(plan: Plan, shards: tuple[Shard, ...]) -> tuple[Shard, ...]:
    """The first of all shards that share a graph: those of equal size, whose tasks are of equal shapes in turn."""
    first: dict[tuple[str, int], Shard] = {}
    for shard in shards:
        task = plan.spec.tasks[shard.task]
        graph = " | ".join(each.graph for each in task.abreast(shard.instances)) if task.brings_model else shard.task
        first.setdefault((graph, shard.count), shard)
    return tuple(first.values())


def like(function) -> Any:
    """Shapes and precisions of what a traced function returns."""
    return tf.nest.map_structure(lambda spec: tf.TensorSpec(spec.shape, spec.dtype), function.structured_outputs)


def rehearse(program: Program, part: int, parts: int) -> None:
    """Runs every graph once, so that its compiled code comes into being.

    Of several processes that share the work, each takes every `parts`-th graph from number `part` on. All have traced
    all graphs, so that each writes its code under the name that the others look for.
    """
    state = program.start()
    meta = {name: value for name, value in state.items() if name.startswith("meta/")}
    execution, trains = program.plan.execution, program.plan.spec.train.iterations > 0
    calls: list[Callable[[], Any]] = []
    if trains and execution.mode == "stretches":
        calls.append(lambda: program.stretch(state, 0, 1))
    elif trains:
        calls += [partial(program.gradient, meta, 0, shard) for shard in ahead(program.plan)]
    calls += [partial(program.evaluate, meta, "test", 0, shard) for shard in ahead_of_evaluations(program.plan)]
    for call in calls[part::parts]:
        call()

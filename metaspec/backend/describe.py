"""What the graphs of a plan are, traced but not run: for `metaspec show --as graph`."""

from collections import Counter
from typing import NamedTuple

import tensorflow as tf

from metaspec.backend.program import Program, unpacked


class Graph(NamedTuple):
    """One graph: what goes in and out, as (name, shape and precision), and how often each operation stands in it.

    Operations inside loops and branches are counted once; `loops` says how many loops there are.
    """

    name: str
    compiled: bool
    inputs: tuple[tuple[str, str], ...]
    outputs: tuple[tuple[str, str], ...]
    operations: dict[str, int]
    loops: int

    @property
    def size(self) -> int:
        return sum(self.operations.values())


def describe(program: Program) -> tuple[Graph, ...]:
    """The graphs of a program, in the order in which a meta-iteration uses them."""
    execution = program.plan.execution
    meta, slots = unpacked(program.start())
    compiled, number = execution.compiled, tf.constant(0)
    shard = execution.shards[0]
    episode, key = program.episode("train", 0, shard), program.key("initial/train", 0, shard)
    found = []
    if execution.mode == "stretches":
        block = program.graphs["block"].get_concrete_function(number)
        episodes = tf.nest.map_structure(lambda spec: tf.TensorSpec(spec.shape, spec.dtype), block.structured_outputs)
        whole = program.graphs["stretch"].get_concrete_function(meta, slots, episodes, number, number)
        found += [graph("episodes of a block", block, compiled), graph("stretch of meta-iterations", whole, compiled)]
    elif "begin" in program.graphs:
        begin = program.graphs["begin"].get_concrete_function(meta, episode, key)
        carried = tf.nest.map_structure(lambda spec: tf.TensorSpec(spec.shape, spec.dtype), begin.structured_outputs)
        advance = program.graphs["advance"].get_concrete_function(meta, episode, key, carried, number)
        found += [graph("start of a trajectory", begin, compiled), graph("window of a shard", advance, compiled)]
    else:
        gradient = program.graphs["gradient"].get_concrete_function(meta, episode, key)
        found.append(graph("meta-gradient of a shard", gradient, compiled))
    if execution.mode == "shards":
        found.append(graph("outer update", program.graphs["update"].get_concrete_function(meta, slots, meta, number), False))
    held_out = program.episode("test", 0, execution.evaluation[0])
    evaluate = program.graphs["evaluate"].get_concrete_function(meta, held_out, key)
    return (*found, graph("evaluation", evaluate, compiled))


def graph(name: str, function, compiled: bool) -> Graph:
    definition = function.graph.as_graph_def()
    nodes = [*definition.node, *(node for inner in definition.library.function for node in inner.node_def)]
    operations = Counter(node.op for node in nodes if node.op not in ("Placeholder", "Identity", "Const", "NoOp"))
    loops = operations.pop("While", 0) + operations.pop("StatelessWhile", 0)
    return Graph(
        name, compiled, signature(function.structured_input_signature[0]), signature(function.structured_outputs),
        dict(operations.most_common()), loops,
    )


def signature(structure, path: str = "") -> tuple[tuple[str, str], ...]:
    """Names and shapes of a structure of tensors; the parts of a name are joined by dots."""
    if isinstance(structure, tf.TensorSpec | tf.Tensor):
        return ((path or "value", f"{structure.dtype.name} {list(structure.shape)}"),)
    if isinstance(structure, dict):
        parts = structure.items()
    else:
        parts = zip(getattr(structure, "_fields", range(len(structure))), structure, strict=True)
    return tuple(entry for name, part in parts for entry in signature(part, f"{path}.{name}".lstrip(".")))

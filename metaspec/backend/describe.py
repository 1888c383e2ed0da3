"""What the graphs of a plan are, traced but not run: for `metaspec show --as graph`."""

from collections import Counter
from typing import NamedTuple

import tensorflow as tf

from metaspec.backend.arrays import unpacked
from metaspec.backend.program import Program
from metaspec.backend.tracing import trace


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


NAMES = {
    "block": "episodes of a block",
    "stretch": "stretch of meta-iterations",
    "begin": "start of a trajectory",
    "advance": "window of a shard",
    "gradient": "meta-gradient of a shard",
    "update": "outer update",
    "evaluate": "evaluation",
}


def describe(program: Program) -> tuple[Graph, ...]:
    """The graphs of a program, in the order in which a meta-iteration uses them; each for its first shape of shard."""
    found: dict[str, Graph] = {}
    for name, function in trace(program, *unpacked(program.start())):
        if name not in found:
            plain = name == "update" or (name == "begin" and program.parts.learning.plain)
            compiled = program.plan.execution.compiled and not plain
            found[name] = graph(NAMES[name], function, compiled)
    return tuple(found.values())


def graph(name: str, function, compiled: bool) -> Graph:
    definition = function.graph.as_graph_def()
    nodes = [*definition.node, *(node for inner in definition.library.function for node in inner.node_def)]
    operations = Counter(node.op for node in nodes if node.op not in ("Placeholder", "Identity", "Const", "NoOp"))
    loops = operations.pop("While", 0) + operations.pop("StatelessWhile", 0)
    return Graph(
        name,
        compiled,
        signature(function.structured_input_signature[0]),
        signature(function.structured_outputs),
        dict(operations.most_common()),
        loops,
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

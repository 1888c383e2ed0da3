"""`vectorized_map` of functions whose random numbers come from keys that differ along the axis.

TensorFlow has rules for the stateless draws of its older versions only. Here are those for what
`metaspec.backend.keys` is made of: one draw after the other, so that each is the one that its key gives alone.
"""

from collections.abc import Callable
from typing import Any

import tensorflow as tf
from tensorflow.python.ops.parallel_for import pfor

DRAWS = (
    "StatelessRandomGetKeyCounter",
    "StatelessRandomUniformV2",
    "StatelessRandomUniformFullIntV2",
    "StatelessRandomNormalV2",
)


def vectorized_map(function: Callable, structure: Any) -> Any:
    """`function` at every position of the leading axis, side by side. Raises ValueError for an operation without a rule."""
    return tf.vectorized_map(function, structure, fallback_to_while_loop=False)


def in_turn(given) -> list:
    """The outputs of one draw at all positions, from a converter's argument."""
    operation = given.op
    names = [each.name for each in operation.op_def.input_arg]
    values = dict(zip(names, ((value, stacked) for value, stacked, _ in given.inputs), strict=True))
    fields = {name: operation.get_attr(name) for name in ("dtype",) if name in {a.name for a in operation.op_def.attr}}
    draw = getattr(tf.raw_ops, operation.type)

    def one(differing: dict[str, tf.Tensor]) -> list[tf.Tensor]:
        common = {name: value for name, (value, stacked) in values.items() if not stacked}
        found = draw(**common, **differing, **fields)
        return list(found) if len(operation.outputs) > 1 else [found]

    drawn = tf.map_fn(
        one,
        {name: value for name, (value, stacked) in values.items() if stacked},
        fn_output_signature=[tf.TensorSpec(output.shape, output.dtype) for output in operation.outputs],
        parallel_iterations=1,
    )
    return [pfor.wrap(each, True) for each in drawn]


for name in DRAWS:
    pfor.RegisterPFor(name)(in_turn)


@pfor.RegisterPFor("Bitcast")
def bitcast(given):
    """It acts on the last axis alone."""
    return pfor.wrap(tf.bitcast(given.stacked_input(0), given.get_attr("type")), True)

"""3x3 convolution on the task axis: each task has a kernel of its own.

A convolution is the patches of its input, one row for each output pixel, times the kernel as a matrix. Written so it
differentiates to any order within five linear and bilinear maps, each other's derivatives: `patches` and
`unpatched`; `product`, `input_product` and `weight_product`. That keeps the compiler from deriving forms of its
own, which are several times slower: its gradient of a strided slice is nine dilated pads.
"""

import tensorflow as tf
from tensorflow.compiler.tf2xla.ops import gen_xla_ops

# From this many columns on, the left factor of a weight gradient is better multiplied from the right.
WIDE = 64


def conv(values: tf.Tensor, kernel: tf.Tensor, stride: int, compiled: bool) -> tf.Tensor:
    """(tasks, items, h, w, inputs) * (tasks, 3, 3, inputs, outputs) -> (tasks, items, h', w', outputs), SAME padding.

    `stride` is 1 or 2. `compiled` says whether the graph goes through XLA.
    """
    tasks, items, height, width, channels = values.shape
    outputs = kernel.shape[-1]
    rows = patches(tf.reshape(values, (tasks * items, height, width, channels)), stride)
    high, wide = rows.shape[1:3]
    rows = tf.reshape(rows, (tasks, items * high * wide, 9 * channels))
    matrix = tf.reshape(kernel, (tasks, 9 * channels, outputs))
    return tf.reshape(product(rows, matrix, compiled), (tasks, items, high, wide, outputs))


def patches(images: tf.Tensor, stride: int) -> tf.Tensor:
    """The 3x3 neighbourhood of every output pixel: (n, h, w, c) -> (n, h', w', 9 c), kernel order, SAME padding."""

    @tf.custom_gradient
    def run(images: tf.Tensor):
        height, width = images.shape[1:3]
        (high, above, below), (wide, left, right) = geometry(height, stride), geometry(width, stride)
        padded = tf.pad(images, [[0, 0], [above, below], [left, right], [0, 0]])
        taps = [
            padded[:, i : i + (high - 1) * stride + 1 : stride, j : j + (wide - 1) * stride + 1 : stride]
            for i in range(3)
            for j in range(3)
        ]
        return tf.concat(taps, -1), lambda upstream: unpatched(upstream, height, width, stride)

    return run(images)


def unpatched(rows: tf.Tensor, height: int, width: int, stride: int) -> tf.Tensor:
    """The transpose of `patches`: every tap added back to its pixel, (n, h', w', 9 c) -> (n, h, w, c)."""

    @tf.custom_gradient
    def run(rows: tf.Tensor):
        count, high, wide, taps = rows.shape
        channels = taps // 9
        above, left = geometry(height, stride)[1], geometry(width, stride)[1]
        spread = spread_by_two if stride == 2 else spread_by_one
        # Rows first, with the three taps of a row side by side, then columns.
        split = tf.reshape(rows, (count, high, wide, 3, 3 * channels))
        lines = spread([split[:, :, :, tap] for tap in range(3)], 1)
        tall = lines.shape[1]
        split = tf.reshape(lines, (count, tall, wide, 3, channels))
        full = spread([split[:, :, :, tap] for tap in range(3)], 2)
        return full[:, above : above + height, left : left + width], lambda upstream: patches(upstream, stride)

    return run(rows)


def spread_by_one(taps: list[tf.Tensor], axis: int) -> tf.Tensor:
    """Tap i of output k belongs to input k + i: the sum, two longer along `axis`."""
    return tf.add_n([padded(tap, axis, place, 2 - place) for place, tap in enumerate(taps)])


def spread_by_two(taps: list[tf.Tensor], axis: int) -> tf.Tensor:
    """Tap i of output k belongs to input 2 k + i: taps 0 and 2 meet in the even places, tap 1 is the odd ones."""
    even = padded(taps[0], axis, 0, 1) + padded(taps[2], axis, 1, 0)
    odd = padded(taps[1], axis, 0, 1)
    both = tf.stack([even, odd], axis + 1)
    shape = both.shape.as_list()
    return tf.reshape(both, (*shape[:axis], 2 * shape[axis], *shape[axis + 2 :]))


def padded(values: tf.Tensor, axis: int, before: int, after: int) -> tf.Tensor:
    return tf.pad(values, [[before, after] if place == axis else [0, 0] for place in range(len(values.shape))])


def geometry(size: int, stride: int) -> tuple[int, int, int]:
    """Of a 3-wide window with SAME padding: the output's size, and the padding before and after."""
    out = -(-size // stride)
    padding = max((out - 1) * stride + 3 - size, 0)
    return out, padding // 2, padding - padding // 2


# Three bilinear maps of P (tasks, rows, k), W (tasks, k, f) and D (tasks, rows, f).


def product(left: tf.Tensor, weights: tf.Tensor, compiled: bool) -> tf.Tensor:
    """P W."""

    @tf.custom_gradient
    def run(left: tf.Tensor, weights: tf.Tensor):
        def gradient(upstream: tf.Tensor):
            return input_product(upstream, weights, compiled), weight_product(left, upstream, compiled)

        return multiply(left, weights), gradient

    return run(left, weights)


def input_product(upstream: tf.Tensor, weights: tf.Tensor, compiled: bool) -> tf.Tensor:
    """D W^T."""

    @tf.custom_gradient
    def run(upstream: tf.Tensor, weights: tf.Tensor):
        def gradient(above: tf.Tensor):
            return product(above, weights, compiled), weight_product(above, upstream, compiled)

        return multiply(upstream, weights, transpose_b=True), gradient

    return run(upstream, weights)


def weight_product(left: tf.Tensor, upstream: tf.Tensor, compiled: bool) -> tf.Tensor:
    """P^T D."""

    @tf.custom_gradient
    def run(left: tf.Tensor, upstream: tf.Tensor):
        def gradient(above: tf.Tensor):
            return input_product(upstream, above, compiled), product(left, above, compiled)

        if not compiled or left.shape[-1] < WIDE:
            return multiply(left, upstream, transpose_a=True), gradient
        # XLA's product with a wide transposed left factor reaches half the speed of its mirror image; without the
        # barrier it would fold the two transposes and be back at the slow form.
        (mirrored,) = gen_xla_ops.xla_optimization_barrier([multiply(upstream, left, transpose_a=True)])
        return tf.linalg.matrix_transpose(mirrored), gradient

    return run(left, upstream)


def multiply(left: tf.Tensor, right: tf.Tensor, **transposed: bool) -> tf.Tensor:
    """A matrix product for each task; for a single task a plain one, which is faster than a batch of one."""
    if left.shape[0] == 1:
        return tf.matmul(left[0], right[0], **transposed)[tf.newaxis]
    return tf.matmul(left, right, **transposed)


def max_pool(values: tf.Tensor) -> tf.Tensor:
    """The largest of every 2x2 pixels; an odd last row or column is left out."""
    tasks, items, height, width, channels = values.shape
    even = values[:, :, : height // 2 * 2, : width // 2 * 2]
    return tf.reduce_max(tf.reshape(even, (tasks, items, height // 2, 2, width // 2, 2, channels)), axis=[3, 5])

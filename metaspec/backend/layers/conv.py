"""3x3 convolution on the task axis: each task has a kernel of its own.

One task is TensorFlow's convolution. Several are patches and one batched matrix product, since a convolution
with a kernel for each task would become a grouped one, which is many times slower.
"""

import tensorflow as tf


def conv(values: tf.Tensor, kernel: tf.Tensor, stride: int) -> tf.Tensor:
    """(tasks, items, h, w, inputs) * (tasks, 3, 3, inputs, outputs) -> (tasks, items, h', w', outputs), SAME padding."""
    if kernel.shape[0] == 1:
        return tf.nn.conv2d(values[0], kernel[0], stride, "SAME")[tf.newaxis]
    tasks, items, height, width, channels = values.shape
    columns = patches(tf.reshape(values, (tasks * items, height, width, channels)), stride)
    rows, cols = columns.shape[1:3]
    columns = tf.reshape(columns, (tasks, items * rows * cols, 9 * channels))
    product = tf.matmul(columns, tf.reshape(kernel, (tasks, 9 * channels, -1)))
    return tf.reshape(product, (tasks, items, rows, cols, kernel.shape[-1]))


def patches(images: tf.Tensor, stride: int) -> tf.Tensor:
    """The 3x3 neighbourhood of every output pixel: (n, h, w, c) -> (n, h', w', 9 c), SAME padding."""
    height, width = images.shape[1:3]
    rows, cols = -(-height // stride), -(-width // stride)
    above, left = max((rows - 1) * stride + 3 - height, 0), max((cols - 1) * stride + 3 - width, 0)
    padded = tf.pad(images, [[0, 0], [above // 2, above - above // 2], [left // 2, left - left // 2], [0, 0]])
    return tf.concat(
        [
            padded[:, row : row + (rows - 1) * stride + 1 : stride, col : col + (cols - 1) * stride + 1 : stride]
            for row in range(3)
            for col in range(3)
        ],
        axis=-1,
    )


def max_pool(values: tf.Tensor) -> tf.Tensor:
    """The largest of every 2x2 pixels; an odd last row or column is left out."""
    tasks, items, height, width, channels = values.shape
    even = values[:, :, : height // 2 * 2, : width // 2 * 2]
    return tf.reduce_max(tf.reshape(even, (tasks, items, height // 2, 2, width // 2, 2, channels)), axis=[3, 5])

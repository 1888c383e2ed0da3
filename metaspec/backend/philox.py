"""Random numbers from keys, inside graphs. Exported optimizers carry a copy: nothing else of metaspec is needed."""

import tensorflow as tf


def fold(key: tf.Tensor, counter: tf.Tensor | int) -> tf.Tensor:
    """The key of one place in a stream: a meta-iteration, a task, an inner step."""
    return tf.random.experimental.stateless_fold_in(key, tf.cast(counter, tf.int32), alg="philox")


def uniform(key: tf.Tensor, shape: tuple[int, ...], dtype: tf.DType) -> tf.Tensor:
    """Numbers in [0, 1).

    XLA makes other numbers of a key than TensorFlow's own kernel does, although both name the generator Philox. Every
    draw of a plan is made in one of the two for good, so that the bits of a run do not depend on it.
    """
    return tf.random.stateless_uniform(shape, key, dtype=dtype, alg="philox")

"""Random numbers from keys, inside graphs. Exported optimizers carry a copy: nothing else of metaspec is needed.

The numbers are those of `tf.random.stateless_*(alg="philox")`, which take fifty nodes of a graph for each draw; a
problem's start has a hundred draws, and tracing them was most of the time until a run began.
"""

import tensorflow as tf

PHILOX = 1  # by TensorFlow's numbering of generators
SCRAMBLE = 0x02461E293EC8F720  # key of the generator that makes a draw's key and counter of two words


def fold(key: tf.Tensor, counter: tf.Tensor | int) -> tf.Tensor:
    """The key of one place in a stream: a meta-iteration, a task, an inner step."""
    own, place = scrambled(key)
    drawn = tf.raw_ops.StatelessRandomUniformFullIntV2(
        shape=tf.constant([], tf.int32), key=own, counter=place, alg=PHILOX, dtype=tf.int32
    )
    return tf.stack([drawn, tf.cast(counter, tf.int32)])


def uniform(key: tf.Tensor, shape: tuple[int, ...], dtype: tf.DType) -> tf.Tensor:
    """Numbers in [0, 1).

    XLA makes other numbers of a key than TensorFlow's own kernel does, although both name the generator Philox. Every
    draw of a plan is made in one of the two for good, so that the bits of a run do not depend on it.
    """
    own, place = scrambled(key)
    return tf.raw_ops.StatelessRandomUniformV2(shape=size(shape), key=own, counter=place, alg=PHILOX, dtype=dtype)


def normals(key: tf.Tensor, shape: tuple[int, ...], dtype: tf.DType) -> tf.Tensor:
    """Numbers of the standard normal distribution; what `uniform` says of XLA holds for them too."""
    own, place = scrambled(key)
    return tf.raw_ops.StatelessRandomNormalV2(shape=size(shape), key=own, counter=place, alg=PHILOX, dtype=dtype)


def scrambled(key: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Key (1,) and counter (2,) of a generator, from a key of two words."""
    mixed = tf.raw_ops.StatelessRandomUniformFullIntV2(
        shape=tf.constant([4]),
        key=tf.constant([SCRAMBLE], tf.uint64),
        counter=tf.cast(key, tf.uint64),
        alg=PHILOX,
        dtype=tf.uint32,
    )
    own, place = tf.split(tf.bitcast(tf.reshape(mixed, (2, 2)), tf.uint64), 2)
    return own, tf.concat([tf.constant([0], tf.uint64), place], axis=0)


def size(shape: tuple[int, ...]) -> tf.Tensor:
    return tf.constant(shape, tf.int32, (len(shape),))

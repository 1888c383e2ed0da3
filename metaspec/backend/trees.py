"""Arithmetic of trees whose tensors have a leading task axis: one number, or one vector, for each task."""

import math

import tensorflow as tf

Tree = dict[str, tf.Tensor]


def dot(left: Tree, right: Tree) -> tf.Tensor:
    """The inner product of each task's two trees: (tasks,)."""
    return tf.add_n([tf.reduce_sum(left[name] * right[name], axis=axes(left[name])) for name in left])


def norms(tree: Tree) -> tf.Tensor:
    """The Euclidean norm of each task's tree: (tasks,)."""
    return tf.sqrt(dot(tree, tree))


def axes(value: tf.Tensor) -> list[int]:
    """All axes but that of the tasks."""
    return list(range(1, value.shape.rank))


def per_task(values: tf.Tensor, like: tf.Tensor) -> tf.Tensor:
    """(tasks,) -> (tasks, 1, ...), to be multiplied with a tensor of the tree."""
    return tf.reshape(values, (-1, *[1] * (like.shape.rank - 1)))


def plus(left: Tree, weight: tf.Tensor, right: Tree) -> Tree:
    """left + weight * right, with one weight for each task."""
    return {name: value + per_task(weight, value) * right[name] for name, value in left.items()}


def masked(active: tf.Tensor, new, old):
    """`new` where a task is active, else `old`; any nested structure of tensors with a task axis."""
    return tf.nest.map_structure(lambda n, o: tf.where(per_task(active, n), n, o), new, old)


def vector(tree: Tree) -> tf.Tensor:
    """All tensors of a tree side by side, in its order: (tasks, numbers)."""
    return tf.concat([tf.reshape(value, (value.shape[0], -1)) for value in tree.values()], axis=1)


def tree_of(vectors: tf.Tensor, like: Tree) -> Tree:
    """The inverse of `vector`."""
    found, first = {}, 0
    for name, value in like.items():
        size = math.prod(value.shape[1:])
        found[name] = tf.reshape(vectors[:, first : first + size], value.shape)
        first += size
    return found

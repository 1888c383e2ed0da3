"""TensorFlow: the only folder, with the workers of `runtime`, that imports it.

Tensors of tasks have a leading task axis: a model parameter has shape (tasks, ...), inputs (tasks, items, ...).
An axis of length 1 stands for a value that all tasks share.
"""

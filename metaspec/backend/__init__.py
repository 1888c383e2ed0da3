"""TensorFlow: the only folder, with the workers of `runtime`, that imports it.

`program.py` answers what a worker is asked. Its graphs are made in `compile.py`, of how a task is learned (`learning.py`),
a meta-gradient and an outer update (`update.py`); every category of kinds has a folder of its own.

Tensors of tasks have a leading task axis: a model parameter has shape (tasks, ...), inputs (tasks, items, ...).
An axis of length 1 stands for a value that all tasks share.
"""

import sys

_EAGER = "keras.src.optimizers"

# The last thing that TensorFlow's import does is to load Keras, which nothing here uses: half of the time and a
# hundred megabytes of every process. With the name blocked it goes without; `tensorflow.keras` still loads when asked.
if "tensorflow" not in sys.modules and _EAGER not in sys.modules:
    sys.modules[_EAGER] = None
    try:
        import tensorflow  # noqa: F401
    finally:
        del sys.modules[_EAGER]

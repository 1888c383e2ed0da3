"""Inner methods: `method(config, gradient) -> InnerMethod`.

`gradient(params, support)` is the gradient of each task's support loss with respect to its adapted parameters; the
metagrad decides whether it may be differentiated again.
"""

from collections.abc import Callable

import tensorflow as tf

from metaspec.backend.records import Batch, Tree
from metaspec.backend.settings import Settings

Gradient = Callable[[Tree, Batch], Tree]


def regularised(gradient: Gradient, settings: Settings, params: Tree, support: Batch, step) -> Tree:
    """The gradient of the inner loss: support loss plus l2 / 2 times the squared norm of the adapted parameters."""
    l2 = settings.at("l2", step)
    return {name: slope + l2[name] * params[name] for name, slope in gradient(params, support).items()}


def moved(params: Tree, steps: Tree) -> Tree:
    """The parameters after subtracting a step from each adapted one."""
    return {name: value - steps[name] if name in steps else value for name, value in params.items()}


def zeros(params: Tree, names) -> Tree:
    """A zero for each named parameter."""
    return {name: tf.zeros_like(params[name]) for name in names}

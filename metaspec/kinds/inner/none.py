from typing import ClassVar

from metaspec.spec.gradient import WeightsInner


class Unadapted(WeightsInner):
    """No adaptation: every task is predicted with the initial weights, and its support set is not looked at.

    With `init = learned(...)` and `metagrad = unroll {}` the weights are trained on the query items of all tasks at
    once: multi-task learning with every layer shared.
    """

    steps: ClassVar[int] = 0

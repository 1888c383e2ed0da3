"""What tasks have in common whose model acts: trajectories in the place of items, and the parameters of a policy."""

from typing import ClassVar

from metaspec.spec.base import Count, field
from metaspec.spec.kind import Model, Task
from metaspec.spec.shapes import Parameter, Signature

# The logarithm of the standard deviation of each entry of an action, the same in all states. It starts at 0.
DEVIATION = "log_deviation"


class ActingTask(Task):
    """An environment whose rules differ from task to task. The model gives the mean of a Gaussian action.

    Support and query are trajectories: each inner step samples its own with the policy as it then is, and the query
    trajectories are sampled with the adapted policy. The loss is minus the return.
    """

    compiles: ClassVar[bool] = True  # whether the environment is part of the compiled graph

    shots: Count = field(20, doc="trajectories that each inner step samples")
    queries: Count = field(20, doc="trajectories that the adapted policy is judged by")
    horizon: Count = field(100, doc="steps of a trajectory, at the most")

    def signature_of_spaces(self, observations: int, actions: int) -> Signature:
        """Of a task with so many numbers in an observation and in an action; items are steps."""
        return Signature((observations,), actions, "return", self.shots * self.horizon, self.queries * self.horizon)


def parameters_of(model: Model, signature: Signature) -> tuple[Parameter, ...]:
    """The parameters of a model on a task: its own, and behind them the deviation of a policy's actions."""
    own = model.parameters(signature)
    if not signature.acts:
        return own
    return (*own, Parameter(layer=DEVIATION, role="bias", shape=(signature.outputs,), fan_in=1, fan_out=1))

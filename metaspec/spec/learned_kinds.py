"""The weights that learned kinds declare for a task: items to train on, a loss, an augmentation, an architecture."""

from collections.abc import Mapping

from metaspec.spec.kind import Architecture, Model
from metaspec.spec.optimizer import Weight
from metaspec.spec.shapes import Signature
from metaspec.spec.values import Learned


def weights_of(models: Mapping[str, Model], learned: Learned, signature: Signature) -> tuple[Weight, ...]:
    """The weights that a learned kind declares for this task."""
    kind = learned.start
    if isinstance(kind, Model):
        return loss_weights(kind, signature)
    if isinstance(kind, Architecture):
        return kind.tensors(next(iter(models.values())).places)
    return kind.tensors(signature)


def loss_weights(model: Model, signature: Signature) -> tuple[Weight, ...]:
    """The parameters of a model that is added to the task's loss. Its head starts at zero: nothing is added at first."""
    return tuple(
        Weight(
            name=each.name,
            shape=each.shape,
            start="zeros" if each.layer == "head" else "glorot_uniform",
            fan_in=each.fan_in,
            fan_out=each.fan_out,
        )
        for each in model.parameters(loss_signature(signature))
    )


def loss_signature(signature: Signature) -> Signature:
    """What a learned loss takes of a task's items, outputs and targets side by side, and gives: one number each."""
    return Signature((2 * signature.outputs,), 1, "mean_squared_error", signature.support, signature.query)

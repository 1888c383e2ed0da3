"""The tensors of learned kinds: items to train on, a loss, an augmentation, an architecture."""

from metaspec.plan.model import MetaTensor
from metaspec.spec.learned_kinds import weights_of
from metaspec.spec.shapes import Signature
from metaspec.spec.spec import Spec
from metaspec.spec.values import Learned


def kind_tensors(spec: Spec, learned: Learned, signature: Signature) -> list[MetaTensor]:
    """One tensor for each weight of a learned kind, by the meta-parameter's name and the weight's."""
    return [
        MetaTensor(
            key=f"{learned.name}/{weight.name}",
            meta_parameter=learned.name,
            shape=weight.shape,
            start=weight.start,
            fan_in=weight.fan_in,
            fan_out=weight.fan_out,
            task=owner(spec, learned),
        )
        for weight in weights_of(spec.models, learned, signature)
    ]


def owner(spec: Spec, learned: Learned) -> str | None:
    """The task block that a learned value stands in, where it stands in one."""
    fields = ((name, getattr(task, field)) for name, task in spec.tasks.items() for field in type(task).model_fields)
    return next((name for name, value in fields if value == learned), None)

"""What schedules with workers have in common."""

from typing import Literal

from pydantic import SerializeAsAny

from metaspec.kinds.exchanges.gradients import Gradients
from metaspec.spec.base import Count, Positive, Seconds, field
from metaspec.spec.kind import Exchange, Grouping, Schedule


class Workers(Schedule):
    """Processes of one thread each, that live for the whole run."""

    workers: Count = field(2, doc="worker processes, one thread each")
    exchange: SerializeAsAny[Exchange] = field(Gradients(), doc="what the workers exchange")
    groups: SerializeAsAny[Grouping] | None = field(None, doc="how clusters are packed into cluster groups")
    combine: Literal["mean", "sum", "weighted"] = field("mean", doc="how the clusters' meta-gradients are combined")
    clip_norm: Positive | None = field(
        None,
        doc="largest norm of the meta-gradient of one cluster, a mean over its tasks; longer ones are scaled down to it "
        "before they are combined",
    )
    deadline: Seconds = field(600.0, doc="how long a shard may take before its worker counts as hung")
    attempts: Count = field(3, doc="how often a shard is sent before it is given up")

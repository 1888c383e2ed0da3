from typing import Literal

from pydantic import SerializeAsAny

from metaspec.kinds.exchanges.gradients import Gradients
from metaspec.spec.base import Count, Positive, Seconds, field
from metaspec.spec.kind import Exchange, Grouping, Schedule


class Ray(Schedule):
    """Workers on a Ray cluster, beyond one machine (extra `ray`).

    The shards are those of the local pool, and so are the bits, on processors of one kind. Workers hold nothing that
    is needed again: nodes may leave and join during a run. Every node needs metaspec with TensorFlow, and data that are
    read from files under the same path.
    """

    references = ("moritz2018",)
    extra = ("ray", "ray")

    address: str = field("auto", doc="`auto` for the cluster that this machine belongs to, or host:port of its head")
    workers: Count = field(2, doc="worker processes, one thread each")
    cpus_per_worker: Positive = field(1.0, doc="what a worker asks of a node's capacity")
    exchange: SerializeAsAny[Exchange] = field(Gradients(), doc="what the workers exchange")
    groups: SerializeAsAny[Grouping] | None = field(None, doc="how clusters are packed into cluster groups")
    combine: Literal["mean", "sum", "weighted"] = field("mean", doc="how the clusters' meta-gradients are combined")
    deadline: Seconds = field(600.0, doc="how long a shard may take before its worker counts as hung")
    attempts: Count = field(3, doc="how often a shard is sent before it is given up")

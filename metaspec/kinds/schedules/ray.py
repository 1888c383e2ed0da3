from metaspec.kinds.workers import Workers
from metaspec.spec.base import Positive, field


class Ray(Workers):
    """Workers on a Ray cluster, beyond one machine (extra `ray`).

    The shards are those of the local pool, and so are the bits, on processors of one kind. Workers hold nothing that
    is needed again: nodes may leave and join during a run. Every node needs metaspec with TensorFlow, and data that are
    read from files under the same path.
    """

    references = ("moritz2018",)
    extra = ("ray", "ray")

    address: str = field("auto", doc="`auto` for the cluster that this machine belongs to, or host:port of its head")
    cpus_per_worker: Positive = field(1.0, doc="what a worker asks of a node's capacity")

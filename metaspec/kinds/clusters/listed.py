from metaspec.spec.base import field
from metaspec.spec.kind import Cluster


class Listed(Cluster):
    """One cluster by hand: `cluster NAME { tasks = [...] }`."""

    tasks: tuple[str, ...] = field(doc="task blocks of the cluster")

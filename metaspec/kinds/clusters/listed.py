from metaspec.spec.base import TaskName, field
from metaspec.spec.kind import Cluster


class Listed(Cluster):
    """One cluster by hand: `cluster NAME { tasks = [...] }`."""

    tasks: tuple[TaskName, ...] = field(doc="task blocks of the cluster")

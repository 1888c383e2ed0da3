from typing import Annotated

from annotated_types import MinLen

from metaspec.spec.base import TaskName, field
from metaspec.spec.kind import Cluster


class Listed(Cluster):
    """One cluster by hand: `cluster NAME { tasks = [...] }`. Its members are all instances of the blocks."""

    tasks: Annotated[tuple[TaskName, ...], MinLen(1)] = field(doc="task blocks of the cluster")

    def names(self, block: str) -> tuple[str, ...]:
        return (block,)

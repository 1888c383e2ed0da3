from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar

from annotated_types import Ge
from pydantic import SerializeAsAny

from metaspec.spec.base import Count, field
from metaspec.spec.kind import PARTS, Data, Task
from metaspec.spec.shapes import Signature
from metaspec.spec.values import Distribution

if TYPE_CHECKING:
    from metaspec.data.episodes import EpisodeShape
    from metaspec.data.task import TaskData


class Fewshot(Task):
    """N-way k-shot classification: classes and items are drawn anew for each task (Vinyals et al. 2016).

    Support and query never share an item; training, validation and test never share a class. With `shots =
    uniform(1, 5)` tasks and their classes are of unequal size, and a class with fewer items takes part with those it
    has; the places that it leaves empty are ignored.
    """

    from_files: ClassVar[bool] = True
    references = ("vinyals2016",)

    data: SerializeAsAny[Data] = field(doc="where the items come from")
    ways: Annotated[int, Ge(2)] = field(5, doc="classes of one task")
    shots: Count | Distribution = field(
        1, doc="support items of each class, or `uniform(1, 5)`: a number drawn anew for every class of a task"
    )
    queries: Count = field(15, doc="query items of each class")

    def signature(self, item_shape: tuple[int, ...] | None) -> Signature:
        if item_shape is None:
            raise ValueError("the item shape of this task's data is not known yet")
        support, query = self.ways * self.episode_shape().most_shots, self.ways * self.queries
        return Signature(item_shape, self.ways, "cross_entropy", support, query)

    def episode_shape(self) -> "EpisodeShape":
        """What an episode takes of the classes of its data."""
        from metaspec.data.episodes import EpisodeShape  # brings NumPy: only when data is asked for

        if isinstance(self.shots, Distribution):
            low, high = self.shots.arguments
            return EpisodeShape(self.ways, (int(low), int(high)), self.queries)
        return EpisodeShape(self.ways, self.shots, self.queries)

    def found(self, location: Path | None, parts: Sequence[str] = PARTS) -> "TaskData":
        from metaspec.data.task import task_data

        return task_data(self.data, self.episode_shape(), location, parts)

from typing import Annotated, Literal

from annotated_types import MinLen

from metaspec.spec.base import Count, Size, TaskName, field
from metaspec.spec.kind import Cluster


class Similar(Cluster):
    """Clusters of similar task instances, NAME_1, NAME_2, ..., numbered by their first instance.

    Each instance becomes a vector of length 1, and scikit-learn's method clusters the vectors, so that what counts
    is the cosine between two instances. `descriptors` are family and sizes, known without running anything;
    `gradients` the meta-gradients at the current meta-parameters, a mean over several batches; `adapted` the
    parameters after adaptation. Long vectors are projected to 256 numbers by a seeded sparse random projection.
    The paper leaves the clustering open; its sections 4.2 and 6 ask for similarity of gradient updates.
    """

    references = ("pimpalkhute2021",)

    tasks: Annotated[tuple[TaskName, ...], MinLen(1)] = field(doc="task blocks whose instances are clustered")
    count: Count = field(doc="clusters; for hdbscan, which finds their number, the most there may be")
    features: Literal["descriptors", "gradients", "adapted"] = field(
        "descriptors", doc="what similarity is measured on"
    )
    method: Literal["kmeans", "agglomerative", "spectral", "hdbscan"] = field("kmeans", doc="scikit-learn's method")
    refresh: Size = field(0, doc="meta-iterations between two clusterings; 0 for once")

    def names(self, block: str) -> tuple[str, ...]:
        return tuple(f"{block}_{number + 1}" for number in range(self.count))

from typing import Literal

from metaspec.spec.base import Count, Size, TaskName, field
from metaspec.spec.kind import Cluster


class Similar(Cluster):
    """Clusters of similar task instances."""

    references = ("pimpalkhute2021",)

    tasks: tuple[TaskName, ...] = field(doc="task blocks whose instances are clustered")
    count: Count = field(doc="clusters")
    features: Literal["descriptors", "gradients", "adapted"] = field("descriptors", doc="what similarity is measured on")
    method: Literal["kmeans", "agglomerative", "spectral", "hdbscan"] = field("kmeans", doc="scikit-learn's method")
    refresh: Size = field(0, doc="meta-iterations between two clusterings; 0 for once")

from metaspec.spec.problem import MirroredRows


class ProjectionQuadratic(MirroredRows):
    """sum (x * D)^2 over normal rows D and their negatives; starts N(0, 1)."""

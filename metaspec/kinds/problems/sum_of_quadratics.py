from metaspec.spec.problem import MirroredRows


class SumOfQuadratics(MirroredRows):
    """sum (x - D)^2 - sum D^2 + 1e-12 over normal rows D and their negatives; starts N(0, 1)."""

from metaspec.spec.base import Size, field
from metaspec.spec.kind import Split


class Classes(Split):
    """Classes drawn by seed."""

    validation: Size = field(0, doc="classes for validation")
    test: Size = field(doc="classes for test")
    seed: Size = field(0, doc="seed of the draw")

from metaspec.spec.kind import Schedule


class Inline(Schedule):
    """Everything in the process of the command itself, on one thread."""

    executed_by = "metaspec.runtime.pools.inline"

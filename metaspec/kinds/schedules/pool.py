from metaspec.kinds.workers import Workers


class Pool(Workers):
    """Worker processes on this machine, one thread each, that live for the whole run.

    The result does not depend on the number of workers: the plan cuts the tasks into shards, and the shards'
    results are added in their order.
    """

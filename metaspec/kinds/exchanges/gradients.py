from metaspec.spec.kind import Exchange


class Gradients(Exchange):
    """Workers return the summed meta-gradients of their shards; one update is made of all of them."""

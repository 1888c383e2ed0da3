"""w <- w - lr * g."""

from metaspec.backend.records import OuterMethod
from metaspec.kinds.outers.sgd import Sgd


def method(config: Sgd) -> OuterMethod:
    def update(meta, slots, gradient, lr, iteration):
        return {key: value - lr * gradient[key] for key, value in meta.items()}, {}

    return OuterMethod({}, update)

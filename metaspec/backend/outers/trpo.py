"""w <- w - step, where the driver has searched for the step (see `metaspec.runtime.trust_region`)."""

from metaspec.backend.records import OuterMethod
from metaspec.kinds.outers.trpo import Trpo


def method(config: Trpo) -> OuterMethod:
    def update(meta, slots, step, lr, iteration):
        return {key: value - step[key] for key, value in meta.items()}, {}

    return OuterMethod({}, update)

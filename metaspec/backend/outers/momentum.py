"""v <- decay * v + g, w <- w - lr * v; with nesterov w <- w - lr * (g + decay * v)."""

from metaspec.backend.records import OuterMethod
from metaspec.kinds.outers.momentum import Momentum


def method(config: Momentum) -> OuterMethod:
    def update(meta, slots, gradient, lr, iteration):
        velocity = {key: config.decay * slots["velocity"][key] + gradient[key] for key in meta}
        ahead = {key: gradient[key] + config.decay * velocity[key] for key in meta} if config.nesterov else velocity
        return {key: value - lr * ahead[key] for key, value in meta.items()}, {"velocity": velocity}

    return OuterMethod({"velocity": 0.0}, update)

"""s <- decay * s + (1 - decay) * g^2, w <- w - lr * g / sqrt(s + epsilon), Tieleman and Hinton 2012."""

import tensorflow as tf

from metaspec.backend.records import OuterMethod
from metaspec.kinds.outers.rmsprop import Rmsprop


def method(config: Rmsprop) -> OuterMethod:
    def update(meta, slots, gradient, lr, iteration):
        square = {
            key: config.decay * slots["square"][key] + (1 - config.decay) * tf.square(gradient[key]) for key in meta
        }
        moved = {key: value - lr * gradient[key] / tf.sqrt(square[key] + config.epsilon) for key, value in meta.items()}
        return moved, {"square": square}

    return OuterMethod({"square": config.start}, update)

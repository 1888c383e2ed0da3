"""w <- w - lr * m^ / (sqrt(v^) + epsilon), Kingma and Ba 2015, algorithm 1."""

import tensorflow as tf

from metaspec.backend.records import OuterMethod
from metaspec.kinds.outers.adam import Adam


def method(config: Adam) -> OuterMethod:
    def update(meta, slots, gradient, lr, iteration):
        beta1, beta2 = config.beta1, config.beta2
        first = {key: beta1 * slots["first"][key] + (1 - beta1) * gradient[key] for key in meta}
        second = {key: beta2 * slots["second"][key] + (1 - beta2) * tf.square(gradient[key]) for key in meta}
        count = tf.cast(iteration, lr.dtype) + 1
        unbias1 = 1 - tf.pow(tf.constant(beta1, lr.dtype), count)
        unbias2 = 1 - tf.pow(tf.constant(beta2, lr.dtype), count)
        moved = {
            key: value - lr * (first[key] / unbias1) / (tf.sqrt(second[key] / unbias2) + config.epsilon)
            for key, value in meta.items()
        }
        return moved, {"first": first, "second": second}

    return OuterMethod({"first": 0.0, "second": 0.0}, update)

"""mean, deviation <- those of the best candidates, Rubinstein 1999."""

import tensorflow as tf

from metaspec.backend.keys import fold, normal
from metaspec.backend.records import ScoreMethod
from metaspec.kinds.outers.elite import Elite


def method(config: Elite) -> ScoreMethod:
    def slots(meta):
        return {
            "deviation": {
                name: tf.fill(tf.shape(value), tf.constant(config.deviation, value.dtype))
                for name, value in meta.items()
            }
        }

    def sample(meta, slots, key):
        return {
            name: value
            + slots["deviation"][name] * normal(fold(key, place), (config.particles, *value.shape), value.dtype)
            for place, (name, value) in enumerate(meta.items())
        }

    def update(meta, slots, candidates, scores, key):
        order = tf.argsort(scores, stable=True)
        best = {name: tf.gather(value, order[: config.keep]) for name, value in candidates.items()}
        deviation = {name: tf.maximum(tf.math.reduce_std(value, axis=0), config.floor) for name, value in best.items()}
        return (
            {name: tf.reduce_mean(value, axis=0) for name, value in best.items()},
            {"deviation": deviation},
            order,
        )

    return ScoreMethod(slots, sample, update)

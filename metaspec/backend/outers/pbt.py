"""The worst members copy the best and move away from them, Jaderberg et al. 2017."""

import tensorflow as tf

from metaspec.backend.keys import fold, normal
from metaspec.backend.records import ScoreMethod
from metaspec.kinds.outers.pbt import Pbt


def method(config: Pbt) -> ScoreMethod:
    copies = int(config.particles * config.exploit)

    def slots(meta):
        """Members begin around the starting values; the first draw adds the distance."""
        spread = {
            name: tf.tile(value[tf.newaxis], (config.particles, *[1] * value.shape.rank))
            for name, value in meta.items()
        }
        return {
            "member": spread,
            "move": {
                name: tf.fill(tf.shape(value), tf.constant(config.deviation, value.dtype))
                for name, value in spread.items()
            },
        }

    def sample(meta, slots, key):
        return {
            name: value + slots["move"][name] * normal(fold(key, place), tuple(value.shape), value.dtype)
            for place, (name, value) in enumerate(slots["member"].items())
        }

    def update(meta, slots, candidates, scores, key):
        ranks = tf.argsort(scores, stable=True)
        kept = tf.concat([ranks[: config.particles - copies], ranks[:copies]], axis=0)
        # Back to the places that the members had: those who copy stand where they stood.
        order = tf.scatter_nd(ranks[:, tf.newaxis], kept, (config.particles,))
        copied = tf.scatter_nd(
            ranks[config.particles - copies :, tf.newaxis],
            tf.ones((copies,), scores.dtype),
            (config.particles,),
        )
        member = {name: tf.gather(value, order) for name, value in candidates.items()}
        move = {
            name: tf.reshape(config.explore * copied, (-1, *[1] * (value.shape.rank - 1))) * tf.ones_like(value)
            for name, value in member.items()
        }
        return (
            {name: value[ranks[0]] for name, value in candidates.items()},
            {"member": member, "move": move},
            order,
        )

    return ScoreMethod(slots, sample, update, members=True)

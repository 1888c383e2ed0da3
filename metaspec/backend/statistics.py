"""Kept statistics of normalisations, which predict in evaluation: moving averages over meta-iterations.

They travel with the meta-parameters, by `statistics/LAYER.mean` and `.variance`, each (rows, channels), with one row or
one for each inner step and the query items behind them (Antoniou et al. 2019). What an outer update of step size
1 - momentum subtracts is their distance to those of the meta-iteration, which makes them moving averages.
"""

import tensorflow as tf

from metaspec.backend.learning import Learning, at_step
from metaspec.backend.records import Batch, Episode, State, Tree
from metaspec.spec.meta_tensors import STATISTICS

PREFIX = f"{STATISTICS}/"


def distances(learning: Learning, meta: Tree, episode: Episode, key: tf.Tensor) -> Tree:
    """Kept statistics minus those of these tasks, summed over the tasks; nothing for a model that keeps none.

    A row of an inner step has the statistics of the support items before it, the last row those of the query items at
    the adapted parameters. They are computed in passes of their own, whatever the metagrad; where those are the passes
    of the inner loop written out, the compiler merges the two.
    """
    names = [name.removeprefix(PREFIX) for name in meta if name.startswith(PREFIX)]
    if not names:
        return {}
    rows = meta[PREFIX + names[0]].shape[0]
    tasks = episode.support.targets.shape[0]
    method = learning.method(1)
    settings, params, seen = learning.start(meta, episode, key)
    tables = {name: tf.zeros_like(meta[PREFIX + name]) for name in names}

    def noted(tables: Tree, row, state: State, batch: Batch) -> Tree:
        found = learning.network.statistics(state.params, batch.inputs, batch.weights)
        return {
            name: tf.tensor_scatter_nd_update(tables[name], [[row]], [tf.reduce_sum(found[name], axis=0)])
            for name in names
        }

    def body(number, state: State, tables: Tree):
        if rows > 1:
            tables = noted(tables, number, at_step(settings, state, number), episode.support)
        return number + 1, method.step(settings, state, seen.support, number), tables

    state = method.init(settings, seen.support, params)
    steps = 0 if learning.problem(1).in_head else learning.steps
    loop = (tf.constant(0), state, tables)
    _, state, tables = tf.while_loop(lambda number, *_: number < steps, body, loop, maximum_iterations=steps)
    tables = noted(tables, rows - 1, state, episode.query)
    return {PREFIX + name: tasks * meta[PREFIX + name] - tf.stop_gradient(tables[name]) for name in names}


def kept(meta: Tree, number, tasks: int) -> Tree:
    """The statistics after `number` inner steps as parameters (tasks, channels); the last row serves those beyond it."""
    found = {}
    for key, table in meta.items():
        if key.startswith(PREFIX):
            row = tf.gather(table, tf.minimum(number, table.shape[0] - 1))
            found[key.removeprefix(PREFIX)] = tf.broadcast_to(row, (tasks, row.shape[0]))
    return found

"""The implicit function theorem at the inner solution.

R(w, meta) = 0 defines the adapted parameters w of a task, R being the gradient of the inner loss and H = dR/dw its
Hessian. For an outer objective F(w, meta)

    dF/dmeta = partial F / partial meta - v . partial R / partial meta,    H v = partial F / partial w.

The inner loop runs outside every tape, as a loop of two states, so that memory does not grow with its steps.
"""

import tensorflow as tf

from metaspec.backend.executors import executor
from metaspec.backend.learning import Learning, Start
from metaspec.backend.metagrads import MetaGradient
from metaspec.backend.records import Episode, InnerMethod, Metrics, State, Tree
from metaspec.backend.solvers import System, hessian_product
from metaspec.backend.trees import dot, norms
from metaspec.kinds.metagrads.implicit import Implicit


def gradient(config: Implicit, learning: Learning, weights: tuple[float, ...] | None) -> MetaGradient:
    """The meta-gradient of the query loss at the inner solution."""
    method, adapted = learning.method(2), learning.problem(2).adapted
    if method.residual is None:  # one of a user's own; of those here the checks know
        raise ValueError("the inner method states no residual, which `implicit` needs: what is zero at its solution")

    def meta_gradient(meta: Tree, episode: Episode, key: tf.Tensor, iteration) -> tuple[Tree, Metrics]:
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(meta)
            start = learning.start(meta, episode, key)
            with tape.stop_recording():
                solution = solved(learning.method(1), constant(start), learning.steps, learning.tolerance)
                factor = adjoint(config, learning, method, constant(start), solution)
            own = {name: solution.params[name] for name in adapted}
            state = method.init(start.settings, start.episode.support, start.params)
            state = State({**start.params, **own}, solution.memory, state.start)
            found, metrics = learning.judged(method, start.settings, state, start.episode.query)
            objective = tf.reduce_sum(found)
            residual = method.residual(start.settings, state, start.episode.support)
            total = objective - tf.reduce_sum(dot(factor, residual))
        return tape.gradient(total, meta, unconnected_gradients=tf.UnconnectedGradients.ZERO), metrics

    return meta_gradient


def constant(start: Start) -> Start:
    """The start with every tensor a constant to any tape. Settings are functions of meta-parameters, and stay."""
    params, episode = tf.nest.map_structure(tf.stop_gradient, (start.params, start.episode))
    return Start(start.settings, params, episode)


def solved(method: InnerMethod, start: Start, steps: int, tolerance: float) -> State:
    """The state after `steps` inner steps, or fewer once every task's residual is within the tolerance."""
    settings, support = start.settings, start.episode.support

    def going(number, state: State, active):
        return (number < steps) & active

    def body(number, state: State, active):
        state = method.step(settings, state, support, number)
        if tolerance > 0:
            active = tf.reduce_any(norms(method.residual(settings, state, support)) > tolerance)
        return number + 1, state, active

    state = method.init(settings, support, start.params)
    _, state, _ = tf.while_loop(going, body, (tf.constant(0), state, tf.constant(True)), maximum_iterations=steps)
    return tf.nest.map_structure(tf.stop_gradient, state)


def adjoint(config: Implicit, learning: Learning, method: InnerMethod, start: Start, solution: State) -> Tree:
    """v of H v = partial F / partial w at the solution."""
    adapted = learning.problem(2).adapted
    own = {name: solution.params[name] for name in adapted}
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(own)
        state = solution._replace(params={**solution.params, **own})
        objective = tf.reduce_sum(learning.loss(method, start.settings, state, start.episode.query))
    right = tape.gradient(objective, own, unconnected_gradients=tf.UnconnectedGradients.ZERO)
    product = hessian_product(method.residual, start.settings, solution, start.episode.support, adapted)
    rate = start.settings.at("lr", 0) if "lr" in start.settings.fields else None
    found = executor(config.solver).solve(config.solver, System(product, right, rate))
    return {name: tf.stop_gradient(value) for name, value in found.items()}

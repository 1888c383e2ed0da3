"""Inner methods: `method(config, problem) -> InnerMethod`.

The inner loss of methods that move parameters is the support loss, plus l2 / 2 times the squared norm of the adapted
parameters, plus proximal / 2 times their squared distance to where they started (Rajeswaran et al. 2019, equation 3).
"""

from collections.abc import Callable

import tensorflow as tf

from metaspec.backend.records import Batch, InnerMethod, Problem, State, Tree
from metaspec.backend.settings import Settings
from metaspec.backend.trees import masked, norms


def support_gradient(
    loss: Callable[[Tree, Batch], tf.Tensor], adapted: tuple[str, ...], order: int
) -> Callable[[Tree, Batch], Tree]:
    """The gradient of each task's support loss; with `order` 1 a constant to whoever differentiates again."""

    def gradient(params: Tree, support: Batch) -> Tree:
        own = {name: params[name] for name in adapted}
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(own)
            # Tasks do not touch each other, so the gradient of the sum holds each task's own.
            total = tf.reduce_sum(loss({**params, **own}, support))
        slopes = tape.gradient(total, own, unconnected_gradients=tf.UnconnectedGradients.ZERO)
        return {name: tf.stop_gradient(slope) for name, slope in slopes.items()} if order == 1 else slopes

    return gradient


def started(problem: Problem, config, params: Tree) -> Tree:
    """What `State.start` holds: the adapted parameters, for a method that is pulled back to them."""
    return {name: params[name] for name in problem.adapted} if config.proximal != 0.0 else {}


def regularised(problem: Problem, settings: Settings, state: State, support: Batch, step) -> Tree:
    """The gradient of the inner loss with respect to the adapted parameters."""
    slopes = problem.gradient(state.params, support)
    l2 = settings.at("l2", step)
    slopes = {name: slope + l2[name] * state.params[name] for name, slope in slopes.items()}
    if not state.start:
        return slopes
    pull = settings.at("proximal", step)
    return {name: slope + pull[name] * (state.params[name] - state.start[name]) for name, slope in slopes.items()}


def inner_loss(problem: Problem, settings: Settings, state: State, support: Batch, step) -> tf.Tensor:
    """The inner loss itself, (tasks,)."""
    total = problem.loss(state.params, support)
    weights = [(settings.at("l2", step), {name: state.params[name] for name in problem.adapted})]
    if state.start:
        moved = {name: state.params[name] - state.start[name] for name in problem.adapted}
        weights.append((settings.at("proximal", step), moved))
    for weight, tree in weights:
        for name, value in tree.items():
            total += 0.5 * tf.reduce_sum(weight[name] * tf.square(value), axis=list(range(1, value.shape.rank)))
    return total


def stationarity(problem: Problem):
    """The `residual` of a method that minimises the inner loss: its gradient."""

    def residual(settings: Settings, state: State, support: Batch) -> Tree:
        return regularised(problem, settings, state, support, 0)

    return residual


def halting(method: InnerMethod, tolerance: float) -> InnerMethod:
    """The method that leaves a task alone once the norm of its residual is at most `tolerance`."""

    def step(settings: Settings, state: State, support: Batch, number) -> State:
        active = norms(method.residual(settings, state, support)) > tolerance
        return masked(active, method.step(settings, state, support, number), state)

    return method._replace(step=step)


def moved(params: Tree, steps: Tree) -> Tree:
    """The parameters after subtracting a step from each adapted one."""
    return {name: value - steps[name] if name in steps else value for name, value in params.items()}


def zeros(params: Tree, names) -> Tree:
    """A zero for each named parameter."""
    return {name: tf.zeros_like(params[name]) for name in names}

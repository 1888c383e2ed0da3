"""w <- w + lr * mean over sampled steps of grad log pi * advantage."""

import tensorflow as tf

from metaspec.backend.inner import moved
from metaspec.backend.policies.advantages import advantages, normalised
from metaspec.backend.policies.outcomes import Chosen, Outcome, chosen
from metaspec.backend.records import Batch, InnerMethod, Problem, State, Tree
from metaspec.backend.settings import Settings
from metaspec.kinds.inner.policy_gradient import PolicyGradient


def method(config: PolicyGradient, problem: Problem) -> InnerMethod:
    """The memory says how the support trajectories of all steps so far were chosen, where that counts."""
    counted = config.sampling == "counted"

    def init(settings: Settings, support: Batch, params: Tree) -> State:
        first = next(iter(params.values()))
        zeros = tf.zeros((first.shape[0],), first.dtype)
        return State(params, Chosen(zeros, zeros) if counted else (), {})

    def step(settings: Settings, state: State, support: Batch, number) -> State:
        outcome = problem.predict(state.params, support.inputs)
        found = outcome.sampled.trajectories
        weights = advantages(found, config.discount, config.baseline)
        if config.normalise:
            weights = normalised(weights, found.taken)
        slopes = problem.gradient(state.params, Batch(outcome.sampled, weights))
        lr = settings.at("lr", number)
        params = moved(state.params, {name: lr[name] * slope for name, slope in slopes.items()})
        if not counted:
            return state._replace(params=params)
        own = chosen(outcome, config.discount)
        memory = Chosen(state.memory.total + own.total, state.memory.compared + own.compared)
        return State(params, memory, state.start)

    def predict(settings: Settings, state: State, inputs) -> Outcome:
        return problem.predict(state.params, inputs)._replace(chosen=state.memory)

    return InnerMethod(init, step, predict)
